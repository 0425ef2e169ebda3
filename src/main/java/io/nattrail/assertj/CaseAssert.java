package io.nattrail.assertj;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.FlowResult;
import io.nattrail.baseline.Baseline;
import io.nattrail.baseline.BaselineFile;
import io.nattrail.baseline.CaseProfile;
import io.nattrail.baseline.Comparison;
import io.nattrail.baseline.ComparisonText;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Severity;
import io.nattrail.report.TerminalStyle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractAssert;

/** Assertions about a case: its flows, its deviations, its root causes. */
public final class CaseAssert extends AbstractAssert<CaseAssert, CaseResult> {
    CaseAssert(CaseResult actual) {
        super(actual, CaseAssert.class);
    }

    /** Neither a flow nor the captures have a deviation, not even of severity info. */
    public CaseAssert hasNoDeviations() {
        return refuse(deviations().toList(), "to have no deviations");
    }

    /** All deviations are of this severity or of a lesser one. */
    public CaseAssert hasNoDeviationsWorseThan(Severity worst) {
        return refuse(deviations().filter(one -> one.severity().compareTo(worst) > 0).toList(), "to have no deviations worse than "
                + worst.label());
    }

    /** Neither a flow nor the captures have a deviation of this code. */
    public CaseAssert hasNoDeviation(String code) {
        Facts.known(code);
        return refuse(deviations().filter(one -> one.code().equals(code)).toList(), "to have no deviation " + code);
    }

    /** A flow or the captures have a deviation of this code; the first of them is what the next assertions are about. */
    public DeviationAssert<CaseAssert> hasDeviation(String code) {
        Facts.known(code);
        isNotNull();
        List<Deviation> all = deviations().toList();
        Deviation found = all.stream().filter(one -> one.code().equals(code)).findFirst().orElse(null);
        if (found == null) {
            failWithMessage("%nExpecting %s%nto have the deviation %s, but it has:%n%s", Facts.name(actual), code, Facts.deviations(all));
        }
        return new DeviationAssert<>(found, this);
    }

    /** So many flows were found. */
    public CaseAssert hasFlows(int number) {
        isNotNull();
        if (actual.flows().size() != number) {
            failWithMessage("%nExpecting %s%nto have %s, but there are %s:%n%s", Facts.name(actual), flows(number), actual.flows().size(),
                    Facts.flows(actual.flows()));
        }
        return this;
    }

    /** The root cause that explains most flows has this code. */
    public CaseAssert hasRootCause(String code) {
        Facts.known(code);
        isNotNull();
        List<CaseFindings.RootCause> causes = actual.findings().summary().rootCauses();
        if (causes.isEmpty() || !causes.get(0).code().equals(code)) {
            String found = causes.isEmpty() ? "none was found" : "it is " + causes.get(0).code() + ": " + causes.get(0).message();
            failWithMessage("%nExpecting %s%nto have the root cause %s, but %s%n%s", Facts.name(actual), code, found,
                    Facts.deviations(deviations().toList()));
        }
        return this;
    }

    /** There is exactly one flow; the next assertions are about it. */
    public FlowAssert onlyFlow() {
        hasFlows(1);
        return new FlowAssert(actual.flows().get(0), Facts.name(actual));
    }

    /** The flow of this number, as in the reports. */
    public FlowAssert flow(int id) {
        isNotNull();
        FlowResult found = actual.flows().stream().filter(one -> one.id() == id).findFirst().orElse(null);
        if (found == null) {
            failWithMessage("%nExpecting %s%nto have a flow %s, but there are:%n%s", Facts.name(actual), id, Facts.flows(actual.flows()));
        }
        return new FlowAssert(found, Facts.name(actual));
    }

    /** The one flow that is meant; it fails if there is none or more than one. */
    public FlowAssert flow(FlowQuery query) {
        isNotNull();
        List<FlowResult> found = query.of(actual.flows());
        if (found.size() != 1) {
            failWithMessage("%nExpecting %s%nto have one flow %s, but there are %s:%n%s%s", Facts.name(actual), query, found.size(),
                    Facts.flows(found.isEmpty() ? actual.flows() : found), found.isEmpty() ? "" : "(flows(...) is about several)");
        }
        return new FlowAssert(found.get(0), Facts.name(actual));
    }

    /** The flows that are meant; at least one. */
    public FlowsAssert flows(FlowQuery query) {
        isNotNull();
        List<FlowResult> found = query.of(actual.flows());
        if (found.isEmpty()) {
            failWithMessage("%nExpecting %s%nto have flows %s, but there are only:%n%s", Facts.name(actual), query,
                    Facts.flows(actual.flows()));
        }
        return new FlowsAssert(found, Facts.name(actual));
    }

    /** All flows; at least one. */
    public FlowsAssert allFlows() {
        isNotNull();
        if (actual.flows().isEmpty()) {
            failWithMessage("%nExpecting %s%nto have flows, but none was found", Facts.name(actual));
        }
        return new FlowsAssert(actual.flows(), Facts.name(actual));
    }

    /** There is no such flow. */
    public CaseAssert hasNoFlow(FlowQuery query) {
        isNotNull();
        List<FlowResult> found = query.of(actual.flows());
        if (!found.isEmpty()) {
            failWithMessage("%nExpecting %s%nto have no flow %s, but there are:%n%s", Facts.name(actual), query, Facts.flows(found));
        }
        return this;
    }

    /**
     * The case is as a baseline of {@code nattrail check} says.
     *
     * @param file the baseline
     */
    public CaseAssert matchesBaseline(Path file) {
        isNotNull();
        try {
            Baseline baseline = BaselineFile.read(file);
            CaseProfile profile = new CaseProfile();
            actual.sendTo(profile);
            Comparison comparison = Comparison.of(baseline, profile);
            if (!comparison.differences().isEmpty()) {
                StringBuilder text = new StringBuilder();
                new ComparisonText(comparison, TerminalStyle.PLAIN).print(text, file.toString(), actual.header().name());
                failWithMessage("%nExpecting %s%nto be as its baseline says, but it differs:%n%s", Facts.name(actual), text);
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Stream<Deviation> deviations() {
        isNotNull();
        return Stream.concat(actual.findings().deviations().stream(), actual.flows().stream().flatMap(flow -> flow.deviations().stream()));
    }

    private CaseAssert refuse(List<Deviation> found, String claim) {
        if (!found.isEmpty()) {
            StringBuilder text = new StringBuilder();
            List<Deviation> ofCase = actual.findings().deviations().stream().filter(found::contains).toList();
            if (!ofCase.isEmpty()) {
                text.append("the captures:\n").append(Facts.deviations(ofCase));
            }
            List<FlowResult> flows = actual.flows().stream().filter(flow -> flow.deviations().stream().anyMatch(found::contains)).toList();
            flows.stream().limit(10).forEach(flow -> text.append(Facts.flow(flow)).append('\n')
                    .append(Facts.deviations(flow.deviations().stream().filter(found::contains).toList())));
            if (flows.size() > 10) {
                text.append("and ").append(flows.size() - 10).append(" more flows\n");
            }
            failWithMessage("%nExpecting %s%n%s, but it has %s:%n%s", Facts.name(actual), claim, found.size(), text);
        }
        return this;
    }

    private static String flows(int number) {
        return number + (number == 1 ? " flow" : " flows");
    }
}
