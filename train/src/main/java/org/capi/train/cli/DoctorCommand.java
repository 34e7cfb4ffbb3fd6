package org.capi.train.cli;

import org.capi.train.doctor.Examination;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "doctor",
        description = "Checks Java, TensorFlow, devices, CUDA libraries, memory, cores and disk of this machine, and"
                + " says what to do about each problem.",
        footer = {"", "Example:", "  ./capi doctor"})
final class DoctorCommand extends ResultCommand {

    @Option(names = "--gpu", description = "Fail if TensorFlow cannot use a GPU.")
    private boolean gpu;

    @Override
    public Integer call() {
        Examination examination = Examination.ofThisMachine();
        if (json) {
            printJson(examination);
        } else {
            examination.findings().forEach(finding -> console.print(finding.line()));
        }
        if (gpu && !examination.gpuIsUsable()) {
            throw new IllegalStateException("TensorFlow cannot use a GPU; " + examination.gpuAdvice());
        }
        return 0;
    }
}
