package org.capi.train.cli;

import org.capi.train.doctor.Examination;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "doctor",
        description = "Shows what this machine offers: JDK, TensorFlow, devices, CUDA libraries, memory, cores, disk.",
        footer = {"", "Example: capi doctor --gpu"})
final class DoctorCommand extends ResultCommand {

    @Option(names = "--gpu", description = "Fail when TensorFlow can use no GPU.")
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
            throw new IllegalStateException("no GPU is usable; " + examination.gpuAdvice());
        }
        return 0;
    }
}
