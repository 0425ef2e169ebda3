package io.nattrail.cli;

import io.nattrail.report.ReportSchema;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "schema", mixinStandardHelpOptions = true, versionProvider = VersionFacts.class,
        description = "Print the JSON Schema (draft 2020-12) of report.json.",
        footer = {"", "Example: nattrail schema > report.schema.json"})
final class SchemaCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.print(ReportSchema.text());
        out.flush();
        return ExitStatus.OK;
    }
}
