package org.capi.graph.pretrain;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.capi.graph.Parameter;
import org.capi.graph.VariableFile;
import org.capi.graph.VariableFile.Variable;
import org.capi.graph.Workers;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Signature;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * A step as one function that XLA must compile, {@code StatefulPartitionedCall} with {@code _XlaMustCompile}. The
 * function takes what is fed and the handles of all variables, and reads and assigns these. It is built in a graph of
 * its own; the graph that runs has the call, and what sets, writes and reads the variables.
 */
public final class CompiledStep {

    private static final String METRICS = "metrics";

    private CompiledStep() {}

    /**
     * Builds the step of one worker in an empty graph: XLA compiles no collective. Of its parts {@link TrainStep#losses()} and {@link StepInputs#normalized()}
     * are of the function, not to be fetched or fed.
     */
    public static <T extends TFloating> TrainStep create(Graph graph, Class<T> computeType, StepConfig config) {
        return create(graph, computeType, config, false);
    }

    /** The same for a test that feeds normalised images, if {@code normalized}. */
    static <T extends TFloating> TrainStep create(
            Graph graph, Class<T> computeType, StepConfig config, boolean normalized) {
        try (Graph inner = new Graph()) {
            Ops tf = Ops.create(inner);
            var step = TrainStep.create(tf, computeType, config.with(1, true), Workers.ALONE);
            Map<String, Operand<?>> arguments = arguments(step, normalized);
            var done = tf.withControlDependencies(step.update()).identity(step.metrics());
            var signature = Signature.builder("step").output(METRICS, done);
            arguments.forEach(signature::input);
            var function = ConcreteFunction.create(signature.build(), inner);
            graph.importGraphDef(around(inner.toGraphDef(), step, arguments));
            graph.attachFunction(function);
            return new Moved(graph, normalized).step(step, call(graph, function, arguments));
        }
    }

    private static Map<String, Operand<?>> arguments(TrainStep step, boolean normalized) {
        Map<String, Operand<?>> arguments = new LinkedHashMap<>();
        var in = step.inputs();
        var images = normalized ? in.normalized() : in.images();
        for (Operand<?> fed : List.of(images, in.visible(), in.predicted(), in.step(), in.drops(), in.rates())) {
            arguments.put(fed.asOutput().op().name(), fed);
        }
        List<Variable> variables = step.variables();
        for (int i = 0; i < variables.size(); i++) {
            arguments.put("variable" + i, variables.get(i).handle());
        }
        return arguments;
    }

    private static Operand<TFloat64> call(Graph graph, ConcreteFunction function, Map<String, Operand<?>> arguments) {
        var inputs = arguments.values().stream()
                .map(argument -> graph.outputOrThrow(name(argument)))
                .toArray(Output<?>[]::new);
        var types = arguments.values().stream()
                .map(argument -> argument.asOutput().dataType())
                .toArray(DataType[]::new);
        return graph.opBuilder("StatefulPartitionedCall", "compiled_step", graph.baseScope())
                .addInputList(inputs)
                .setAttr("Tin", types)
                .setAttr("Tout", new DataType[] {DataType.DT_DOUBLE})
                .setAttr("f", function)
                .setAttr("_XlaMustCompile", true)
                .build()
                .output(0);
    }

    /** What is fed, and the nodes from which variables are set, written and read. */
    private static GraphDef around(GraphDef inner, TrainStep step, Map<String, Operand<?>> arguments) {
        Map<String, NodeDef> nodes = new HashMap<>();
        inner.getNodeList().forEach(node -> nodes.put(node.getName(), node));
        Deque<String> open = new ArrayDeque<>();
        arguments.values().forEach(argument -> open.add(argument.asOutput().op().name()));
        var files = step.files();
        List.of(files.initialize(), files.save(), files.restore())
                .forEach(op -> open.add(op.op().name()));
        open.add(files.prefix().asOutput().op().name());
        if (step.prototypeShares() != null) {
            open.add(step.prototypeShares().asOutput().op().name());
        }
        step.variables().forEach(v -> open.add(v.initial().asOutput().op().name()));
        Set<String> reached = new HashSet<>();
        while (!open.isEmpty()) {
            String name = open.remove();
            NodeDef node = nodes.get(name);
            if (node != null && reached.add(name)) {
                for (String input : node.getInputList()) {
                    String source = input.startsWith("^") ? input.substring(1) : input;
                    open.add(source.contains(":") ? source.substring(0, source.indexOf(':')) : source);
                }
            }
        }
        var around = GraphDef.newBuilder().setVersions(inner.getVersions());
        inner.getNodeList().stream().filter(n -> reached.contains(n.getName())).forEach(around::addNode);
        return around.build();
    }

    private static String name(Operand<?> x) {
        Output<?> output = x.asOutput();
        return output.op().name() + ":" + output.index();
    }

    /** Finds in a graph what was imported into it. */
    private record Moved(Graph graph, boolean normalized) {

        TrainStep step(TrainStep step, Operand<TFloat64> metrics) {
            var in = step.inputs();
            var files = step.files();
            return new TrainStep(
                    new StepInputs(
                            operand(in.images()),
                            normalized ? operand(in.normalized()) : in.normalized(),
                            operand(in.visible()),
                            operand(in.predicted()),
                            operand(in.step()),
                            operand(in.drops()),
                            operand(in.rates()),
                            null),
                    step.losses(),
                    parameters(step.student()),
                    parameters(step.prototypes()),
                    parameters(step.frozen()),
                    metrics,
                    null,
                    step.prototypeShares() == null ? null : operand(step.prototypeShares()),
                    metrics,
                    step.variables().stream()
                            .map(v -> new Variable(v.name(), v.shape(), operand(v.handle()), operand(v.initial())))
                            .toList(),
                    new VariableFile(
                            operand(files.prefix()), op(files.initialize()), op(files.save()), op(files.restore())));
        }

        private List<Parameter> parameters(List<Parameter> parameters) {
            return parameters.stream()
                    .map(p -> new Parameter(
                            p.name(), p.role(), p.shape(), operand(p.handle()), p.value(), operand(p.initial())))
                    .toList();
        }

        @SuppressWarnings("unchecked")
        private <T extends TType> Operand<T> operand(Operand<T> x) {
            return (Operand<T>) graph.outputOrThrow(name(x));
        }

        private Op op(Op op) {
            var moved = graph.operationOrThrow(op.op().name());
            return () -> moved;
        }
    }
}
