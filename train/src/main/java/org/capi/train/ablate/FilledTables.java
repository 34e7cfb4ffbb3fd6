package org.capi.train.ablate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.files.DurableFile;

/** The tables of a plan as the folder has them now. */
record FilledTables(List<FilledTable> tables) {

    FilledTables {
        tables = List.copyOf(tables);
    }

    /** Reads the folders of all trainings. */
    static FilledTables of(Plan plan, AblationFolder folder) throws IOException {
        List<FilledTable> tables = new ArrayList<>();
        for (Plan.Sheet sheet : plan.sheets()) {
            List<FilledTable.Line> lines = new ArrayList<>();
            for (Row row : sheet.rows()) {
                List<Outcome> outcomes = new ArrayList<>();
                for (Trial trial : row.trials()) {
                    outcomes.add(folder.trial(trial).outcome(sheet.evaluations()));
                }
                lines.add(FilledTable.Line.of(row.name(), row.paper(), sheet.evaluations(), outcomes));
            }
            tables.add(FilledTable.of(sheet, lines));
        }
        return new FilledTables(tables);
    }

    /** Writes {@code table.md}, {@code table.json} and {@code report.html}. */
    void write(AblationFolder folder) throws IOException {
        StringBuilder markdown = new StringBuilder();
        tables.forEach(table -> markdown.append(markdown.isEmpty() ? "" : "\n").append(Markdown.of(table)));
        DurableFile.write(folder.markdownFile(), markdown.toString());
        DurableFile.write(folder.jsonFile(), AblationFolder.JSON.writeValueAsString(tables) + "\n");
        AblationPage.write(tables, folder);
    }
}
