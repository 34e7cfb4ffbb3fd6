package org.capi.train.cli;

import java.util.concurrent.Callable;
import org.capi.train.doctor.Examination;
import org.capi.train.doctor.Finding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says what this machine offers, and what to do about each fault. */
@Command(
        name = "doctor",
        description = "Says what this machine offers: JDK, TensorFlow, devices, CUDA libraries, memory, cores, disk.",
        footer = {"", "Example: capi doctor --gpu"})
final class DoctorCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--gpu", description = "Fail when TensorFlow can use no GPU.")
    private boolean gpu;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    DoctorCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Examination examination = Examination.ofThisMachine();
        if (json) {
            console.printJson(examination);
        } else {
            for (Finding finding : examination.findings()) {
                console.print(finding.line());
            }
        }
        if (gpu && !examination.gpuIsUsable()) {
            throw new IllegalStateException("no GPU is usable; " + examination.gpuAdvice());
        }
        return 0;
    }
}
