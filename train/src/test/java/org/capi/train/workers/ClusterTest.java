package org.capi.train.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterTest {

    private static final String TWO = "\"worker\": [\"a:2222\", \"b:2222\"]";

    @Test
    void withoutAnythingAProcessTrainsAlone() {
        assertThat(Cluster.find(null, null, Map.of("SLURM_NTASKS", "4", "SLURM_PROCID", "0")))
                .as("a batch script itself is no task of srun")
                .isEqualTo(Cluster.ALONE);
    }

    @Test
    void tfConfigNamesTheWorkersAndThisOne() {
        assertThat(ofTfConfig("{\"cluster\": {" + TWO + "}, \"task\": {\"type\": \"worker\", \"index\": 1}}"))
                .isEqualTo(new Cluster(List.of("a:2222", "b:2222"), 1));
    }

    @Test
    void aChiefIsWorkerZero() {
        String cluster = "{\"chief\": [\"c:1\"], " + TWO + "}";
        assertThat(ofTfConfig("{\"cluster\": " + cluster + ", \"task\": {\"type\": \"worker\", \"index\": \"1\"}}"))
                .isEqualTo(new Cluster(List.of("c:1", "a:2222", "b:2222"), 2));
        assertThat(ofTfConfig("{\"cluster\": " + cluster + ", \"task\": {\"type\": \"chief\", \"index\": 0}}"))
                .isEqualTo(new Cluster(List.of("c:1", "a:2222", "b:2222"), 0));
    }

    @Test
    void aClusterOfOneWorkerIsAProcessAlone() {
        assertThat(ofTfConfig("{\"cluster\": {\"worker\": [\"a:1\"]}, \"task\": {\"type\": \"worker\", \"index\": 0}}"))
                .isEqualTo(Cluster.ALONE);
    }

    @Test
    void whatAWorkerIsToldItReads() {
        var cluster = new Cluster(List.of("127.0.0.1:1", "127.0.0.1:2", "[::1]:3"), 2);
        assertThat(ofTfConfig(cluster.toTfConfig())).isEqualTo(cluster);
        assertThat(cluster.isLoopback()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nonsense | TF_CONFIG must be JSON, was nonsense",
                "{} | TF_CONFIG must have the objects cluster and task, was {}",
                "{'cluster': {'worker': ['a:1', 'b:1']}, 'task': {'type': 'worker', 'index': 2}}"
                        + " | the cluster of TF_CONFIG lacks this task, worker 2: it has 2 of this type",
                "{'cluster': {'worker': ['a:1', 'b:1']}, 'task': {'type': 'ps', 'index': 0}}"
                        + " | TF_CONFIG must have a task of the type worker or chief with an index,"
                        + " was {'type':'ps','index':0}",
                "{'cluster': {'worker': ['a:1'], 'ps': ['p:1']}, 'task': {'type': 'worker', 'index': 0}}"
                        + " | the cluster of TF_CONFIG may have the tasks worker and chief, was ps;"
                        + " there are no parameter servers here",
                "{'cluster': {'worker': 'a:1'}, 'task': {'type': 'worker', 'index': 0}}"
                        + " | TF_CONFIG must list the addresses of each type, was worker: 'a:1'",
                "{'cluster': {'worker': ['a', 'b:1']}, 'task': {'type': 'worker', 'index': 0}}"
                        + " | the address of a worker must be host:port, was a",
                "{'cluster': {'worker': ['a:1', 'a:1']}, 'task': {'type': 'worker', 'index': 0}}"
                        + " | each worker must have an address of its own, but two have a:1",
            })
    void aWrongTfConfigIsRefusedInOneLine(String text, String message) {
        assertThatThrownBy(() -> ofTfConfig(text.replace('\'', '"')))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message.replace('\'', '"'));
    }

    @Test
    void optionsComeBeforeTheEnvironment() {
        assertThat(Cluster.find("a:1,b:2", 0, Map.of(Cluster.TF_CONFIG, "nonsense")))
                .isEqualTo(new Cluster(List.of("a:1", "b:2"), 0));
        assertThatThrownBy(() -> Cluster.find("a:1,b:2", null, Map.of()))
                .hasMessage("--cluster and --worker go together, was only --cluster a:1,b:2");
        assertThatThrownBy(() -> Cluster.find("a:1,b:2", 2, Map.of()))
                .hasMessage("the number of a worker must be from 0 to 1 in a cluster of 2, was 2");
        assertThatThrownBy(() -> Cluster.find("a:1,b:70000", 1, Map.of()))
                .hasMessage("the address of a worker must be host:port, was b:70000");
    }

    @Test
    void slurmNumbersTheTasksNodeByNode() {
        var environment = Map.of(
                "SLURM_STEP_NUM_TASKS", "3",
                "SLURM_PROCID", "2",
                "SLURM_JOB_ID", "30007",
                "SLURM_STEP_NODELIST", "gpu[09-10]",
                "SLURM_STEP_TASKS_PER_NODE", "2,1");
        assertThat(Cluster.find(null, null, environment))
                .isEqualTo(new Cluster(List.of("gpu09:20007", "gpu09:20008", "gpu10:20007"), 2));
    }

    @Test
    void slurmVariablesThatDisagreeAreRefused() {
        var environment = Map.of(
                "SLURM_STEP_NUM_TASKS", "4",
                "SLURM_PROCID", "2",
                "SLURM_JOB_ID", "7",
                "SLURM_STEP_NODELIST", "a,b",
                "SLURM_STEP_TASKS_PER_NODE", "1(x2)");
        assertThatThrownBy(() -> Cluster.find(null, null, environment))
                .hasMessage("Slurm's variables must agree: SLURM_STEP_NUM_TASKS was 4, SLURM_STEP_NODELIST has 2 nodes,"
                        + " SLURM_STEP_TASKS_PER_NODE was 1(x2)");
        assertThatThrownBy(() -> Cluster.find(null, null, Map.of("SLURM_STEP_NUM_TASKS", "4")))
                .hasMessage("SLURM_PROCID must be set where SLURM_STEP_NUM_TASKS is; start with srun");
    }

    @Test
    void listsOfNodesAreExpanded() {
        assertThat(Cluster.hosts("n[01-03,7]-x,login")).containsExactly("n01-x", "n02-x", "n03-x", "n7-x", "login");
        assertThat(Cluster.counts("2(x3),1")).containsExactly(2, 2, 2, 1);
        assertThatThrownBy(() -> Cluster.hosts("n[03-01]"))
                .hasMessage("SLURM_STEP_NODELIST must be nodes such as node[01-04], was n[03-01]");
    }

    private static Cluster ofTfConfig(String text) {
        return Cluster.find(null, null, Map.of(Cluster.TF_CONFIG, text));
    }
}
