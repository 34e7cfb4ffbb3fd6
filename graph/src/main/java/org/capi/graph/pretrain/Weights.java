package org.capi.graph.pretrain;

import java.util.List;
import java.util.stream.Stream;
import org.capi.graph.Parameter;
import org.capi.graph.VariableFile.Variable;
import org.capi.graph.optim.AdamW;

/**
 * The parameters of a pretraining.
 *
 * @param student backbone and head
 * @param teacher the student's moving average, in the same order
 * @param prototypes the clustering head; empty if there is none
 * @param frozen an encoder that nothing changes; empty if there is none
 * @param moving those of the student that training moves
 * @param averages what follows them, in their order
 */
record Weights(
        List<Parameter> student,
        List<Parameter> teacher,
        List<Parameter> prototypes,
        List<Parameter> frozen,
        List<Parameter> moving,
        List<Parameter> averages) {

    static Weights of(
            List<Parameter> student,
            List<Parameter> teacher,
            List<Parameter> prototypes,
            List<Parameter> frozen,
            AdamW optimizer) {
        var moving = student.stream().filter(optimizer::trainable).toList();
        var averages = moving.stream().map(p -> teacher.get(student.indexOf(p))).toList();
        return new Weights(student, teacher, prototypes, frozen, moving, averages);
    }

    /** All of them; the teacher's values begin as the student's, everything else by its own initialiser. */
    Stream<Variable> variables() {
        Stream<Variable> copies = teacher.stream().map(average -> {
            var initial = student.get(teacher.indexOf(average)).initial();
            return new Variable(average.name(), average.shape(), average.handle(), initial);
        });
        return Stream.of(
                        student.stream().map(Parameter::variable),
                        copies,
                        prototypes.stream().map(Parameter::variable),
                        frozen.stream().map(Parameter::variable))
                .flatMap(s -> s);
    }
}
