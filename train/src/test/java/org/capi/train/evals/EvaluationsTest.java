package org.capi.train.evals;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationsTest {

    @Test
    void anEvaluationKeepsTheRepresentationOfItsEarlierResults() throws IOException {
        var old = result("step-0000100-teacher-knn", "{\"top1\": 0.3, \"representation\": \"avg_patch\"}");
        var second = result("step-0000100-teacher-knn-2", "{\"top1\": 0.3, \"representation\": \"global\"}");
        var picture = result("step-0000100-student-pca-3", "{\"picture\": \"pca.png\"}");
        var all = List.of(old, second, picture);
        assertThat(Evaluations.representation("step-0000200-teacher-knn", all))
                .containsExactly("representation=avg_patch");
        assertThat(Evaluations.representation("step-0000200-teacher-knn-2", all))
                .containsExactly("representation=global");
        assertThat(Evaluations.representation("step-0000200-student-pca-3", all))
                .isEmpty();
        assertThat(Evaluations.representation("step-0000200-student-knn", all)).isEmpty();
    }

    @Test
    void aResultOfAnOlderVersionHasNoBaselines() throws IOException {
        var old = result("step-0000100-teacher-knn", "{\"top1\": 0.3, \"representation\": \"avg_patch\"}");
        assertThat(old.pixels()).isEmpty();
        assertThat(old.untrained()).isEmpty();
        var now = result(
                "step-0000100-teacher-knn",
                "{\"top1\": 0.3, \"representation\": \"global\","
                        + " \"baselines\": {\"pixels\": 0.2, \"untrained\": {\"global\": 0.1, \"avg_patch\": 0.15}}}");
        assertThat(now.pixels()).hasValue(0.2);
        assertThat(now.untrained()).hasValue(0.1);
    }

    private static Evaluations.Result result(String folder, String result) throws IOException {
        var json = new ObjectMapper();
        ObjectNode line = json.createObjectNode();
        line.put("folder", folder).set("result", json.readTree(result));
        return new Evaluations.Result(line, Path.of(folder));
    }
}
