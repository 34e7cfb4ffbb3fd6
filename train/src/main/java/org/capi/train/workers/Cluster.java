package org.capi.train.workers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The workers that train one model together, and which of them this process is.
 *
 * @param addresses {@code host:port} of each worker's server, by rank; empty for a process that trains alone
 * @param rank of this process, from 0
 */
public record Cluster(List<String> addresses, int rank) {

    /** TensorFlow's own convention, which Kubeflow's TFJob sets. */
    public static final String TF_CONFIG = "TF_CONFIG";

    /** Set by srun, and not in the batch script around it. */
    public static final String SLURM_TASKS = "SLURM_STEP_NUM_TASKS";

    /** A process that trains alone. */
    public static final Cluster ALONE = new Cluster(List.of(), 0);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern ADDRESS = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:/\\s\\[\\]]+):(\\d{1,5})");
    private static final int MAX_PORT = 65_535;

    /** The first port under Slurm; jobs that share a node must not share ports. */
    private static final int FIRST_PORT = 20_000;

    private static final int PORTS = 10_000;
    private static final int MAX_HOSTS = 100_000;

    public Cluster {
        addresses = List.copyOf(addresses);
        Set<String> seen = new HashSet<>();
        for (String address : addresses) {
            Matcher matcher = ADDRESS.matcher(address);
            if (!matcher.matches() || port(address) < 1 || port(address) > MAX_PORT) {
                throw new IllegalArgumentException("the address of a worker must be host:port, was " + address);
            }
            if (!seen.add(address)) {
                throw new IllegalArgumentException(
                        "each worker must have an address of its own, but two have " + address);
            }
        }
        if (rank < 0 || rank >= Math.max(1, addresses.size())) {
            throw new IllegalArgumentException("the number of a worker must be from 0 to " + (addresses.size() - 1)
                    + " in a cluster of " + addresses.size() + ", was " + rank);
        }
    }

    /**
     * The cluster of this process: that of the options, else of {@code TF_CONFIG}, else of Slurm's variables.
     *
     * @param given the addresses of {@code --cluster}, with commas; null without
     * @param worker the number of {@code --worker}; null without
     */
    public static Cluster find(@Nullable String given, @Nullable Integer worker, Map<String, String> environment) {
        if ((given == null) != (worker == null)) {
            throw new IllegalArgumentException("--cluster and --worker go together, was only "
                    + (given == null ? "--worker " + worker : "--cluster " + given));
        }
        if (given != null && worker != null) {
            return orAlone(new Cluster(List.of(given.split(",", -1)), worker));
        }
        String config = environment.get(TF_CONFIG);
        if (config != null && !config.isBlank()) {
            return orAlone(ofTfConfig(config));
        }
        return environment.containsKey(SLURM_TASKS) ? orAlone(ofSlurm(environment)) : ALONE;
    }

    /** A worker without others needs no server. */
    private static Cluster orAlone(Cluster cluster) {
        return cluster.addresses.size() == 1 ? ALONE : cluster;
    }

    public int workers() {
        return Math.max(1, addresses.size());
    }

    public boolean isAlone() {
        return addresses.isEmpty();
    }

    /** Whether this process keeps the files of the run. */
    public boolean isFirst() {
        return rank == 0;
    }

    /** The address of this process. */
    public String address() {
        return addresses.get(rank);
    }

    static String host(String address) {
        String host = address.substring(0, address.lastIndexOf(':'));
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /** Whether all workers are on this machine. */
    boolean isLoopback() {
        try {
            for (String address : addresses) {
                for (InetAddress one : InetAddress.getAllByName(host(address))) {
                    if (!one.isLoopbackAddress()) {
                        return false;
                    }
                }
            }
            return true;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** The value of {@code TF_CONFIG} for this process. */
    String toTfConfig() {
        ObjectNode root = JSON.createObjectNode();
        var workers = root.putObject("cluster").putArray("worker");
        addresses.forEach(workers::add);
        root.putObject("task").put("type", "worker").put("index", rank);
        return root.toString();
    }

    /** A chief, where there is one, is worker 0, and the workers come after it. */
    private static Cluster ofTfConfig(String text) {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("TF_CONFIG must be JSON, was " + shortened(text), e);
        }
        JsonNode cluster = root.path("cluster");
        JsonNode task = root.path("task");
        if (!cluster.isObject() || !task.isObject()) {
            throw new IllegalArgumentException(
                    "TF_CONFIG must have the objects cluster and task, was " + shortened(text));
        }
        String type = task.path("type").asText();
        JsonNode index = task.path("index");
        if (!(type.equals("worker") || type.equals("chief"))
                || !(index.isInt() || index.asText().matches("\\d{1,9}"))) {
            throw new IllegalArgumentException(
                    "TF_CONFIG must have a task of the type worker or chief with an index, was "
                            + shortened(task.toString()));
        }
        List<String> chiefs = addresses(cluster, "chief");
        List<String> all = new ArrayList<>(chiefs);
        all.addAll(addresses(cluster, "worker"));
        List<String> others = new ArrayList<>();
        cluster.fieldNames().forEachRemaining(others::add);
        others.removeAll(List.of("chief", "worker"));
        if (!others.isEmpty()) {
            throw new IllegalArgumentException("the cluster of TF_CONFIG may have the tasks worker and chief, was "
                    + String.join(", ", others) + "; there are no parameter servers here");
        }
        List<String> sameType = type.equals("chief") ? chiefs : addresses(cluster, "worker");
        if (index.asInt() >= sameType.size()) {
            throw new IllegalArgumentException("the cluster of TF_CONFIG lacks this task, " + type + " " + index.asInt()
                    + ": it has " + sameType.size() + " of this type");
        }
        return new Cluster(all, index.asInt() + (type.equals("chief") ? 0 : chiefs.size()));
    }

    private static List<String> addresses(JsonNode cluster, String type) {
        JsonNode list = cluster.path(type);
        if (!list.isMissingNode() && !list.isArray()) {
            throw new IllegalArgumentException(
                    "TF_CONFIG must list the addresses of each type, was " + type + ": " + shortened(list.toString()));
        }
        List<String> addresses = new ArrayList<>();
        list.forEach(one -> addresses.add(one.asText()));
        return addresses;
    }

    /** Tasks are numbered node by node, as Slurm does by default. */
    private static Cluster ofSlurm(Map<String, String> environment) {
        int tasks = number(environment, SLURM_TASKS);
        int rank = number(environment, "SLURM_PROCID");
        if (tasks == 1) {
            return ALONE;
        }
        String distribution = environment.getOrDefault("SLURM_DISTRIBUTION", "block");
        if (!distribution.startsWith("block")) {
            throw new IllegalArgumentException(
                    "srun must number the tasks node by node, --distribution=block, was " + distribution);
        }
        List<String> hosts = hosts(value(environment, "SLURM_STEP_NODELIST"));
        List<Integer> counts = counts(value(environment, "SLURM_STEP_TASKS_PER_NODE"));
        int first = FIRST_PORT + Math.floorMod(number(environment, "SLURM_JOB_ID"), PORTS);
        List<String> addresses = new ArrayList<>();
        for (int node = 0; node < Math.min(hosts.size(), counts.size()); node++) {
            for (int local = 0; local < counts.get(node); local++) {
                addresses.add(hosts.get(node) + ":" + (first + local));
            }
        }
        if (addresses.size() != tasks || hosts.size() != counts.size()) {
            throw new IllegalArgumentException("Slurm's variables must agree: SLURM_STEP_NUM_TASKS was " + tasks
                    + ", SLURM_STEP_NODELIST has " + hosts.size() + " nodes, SLURM_STEP_TASKS_PER_NODE was "
                    + value(environment, "SLURM_STEP_TASKS_PER_NODE"));
        }
        return new Cluster(addresses, rank);
    }

    /** {@code node[01-03,07],login} is node01, node02, node03, node07, login. */
    static List<String> hosts(String list) {
        List<String> hosts = new ArrayList<>();
        Matcher matcher = Pattern.compile("([^,\\[\\]]+)(?:\\[([0-9,-]+)])?([^,\\[\\]]*)(?:,|$)")
                .matcher(list);
        int end = 0;
        while (end < list.length() && matcher.find(end) && matcher.start() == end) {
            String ranges = matcher.group(2);
            if (ranges == null) {
                hosts.add(matcher.group(1) + matcher.group(3));
            } else {
                for (String range : ranges.split(",", -1)) {
                    String[] ends = range.split("-", 2);
                    long from = parse(ends[0], list);
                    long to = parse(ends[ends.length - 1], list);
                    if (to < from || to - from > MAX_HOSTS) {
                        throw noHosts(list);
                    }
                    for (long i = from; i <= to; i++) {
                        String digits = Long.toString(i);
                        String zeros = "0".repeat(Math.max(0, ends[0].length() - digits.length()));
                        hosts.add(matcher.group(1) + zeros + digits + matcher.group(3));
                    }
                }
            }
            end = matcher.end();
        }
        if (end < list.length() || hosts.isEmpty()) {
            throw noHosts(list);
        }
        return hosts;
    }

    private static long parse(String digits, String list) {
        if (!digits.matches("\\d{1,9}")) {
            throw noHosts(list);
        }
        return Long.parseLong(digits);
    }

    private static IllegalArgumentException noHosts(String list) {
        return new IllegalArgumentException("SLURM_STEP_NODELIST must be nodes such as node[01-04], was " + list);
    }

    /** {@code 2(x3),1} is 2, 2, 2, 1. */
    static List<Integer> counts(String text) {
        List<Integer> counts = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Matcher matcher =
                    Pattern.compile("(\\d{1,6})(?:\\(x(\\d{1,6})\\))?").matcher(part);
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "SLURM_STEP_TASKS_PER_NODE must be counts such as 2(x3),1, was " + text);
            }
            int times = matcher.group(2) == null ? 1 : Integer.parseInt(matcher.group(2));
            for (int i = 0; i < times; i++) {
                counts.add(Integer.parseInt(matcher.group(1)));
            }
        }
        return counts;
    }

    private static String value(Map<String, String> environment, String name) {
        String value = environment.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " must be set where SLURM_STEP_NUM_TASKS is; start with srun");
        }
        return value;
    }

    private static int number(Map<String, String> environment, String name) {
        String value = value(environment, name);
        if (!value.matches("\\d{1,9}")) {
            throw new IllegalArgumentException(name + " must be a number, was " + value);
        }
        return Integer.parseInt(value);
    }

    private static String shortened(String text) {
        return text.length() > 100 ? text.substring(0, 100) + "..." : text;
    }
}
