package io.nattrail.report;

import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Hop;
import io.nattrail.path.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Steps, legs, hops and deviations of flows. Most flows of a case went the same way: what they have in common (points, titles, states, what
 * is known) is their <em>course</em>, a list of numbers that stands in the block once; a flow then is the number of its course, its own
 * tuples and the list of its own values. Who reads a flow walks along both lists in the order in which they are written here.
 */
final class HtmlDetails extends HtmlFlowCoder {
    private static final int NONE = -1;

    private final Map<NumberList, Integer> courses = new LinkedHashMap<>();
    private final NumberList course = new NumberList();
    private NumberList lastCourse;
    private int lastNumber;
    private final NumberList values = new NumberList();
    private final NumberList evidence = new NumberList();
    private final List<String> tuples = new ArrayList<>();
    /** Of the flow that is written: the last frame that was named of each point. */
    private final FrameRef[] lastOfPoint;
    private HtmlTexts texts;

    HtmlDetails(HtmlSpool spool, HtmlSpool.Kind kind, Clocks clocks) {
        super(spool, kind, clocks);
        lastOfPoint = new FrameRef[clocks.count()];
    }

    @Override
    void write(FlowResult flow, JsonOut json, HtmlTexts ofBlock) throws IOException {
        texts = ofBlock;
        course.clear();
        values.clear();
        tuples.clear();
        Arrays.fill(lastOfPoint, null);
        describe(flow);
        json.object();
        json.name("id").number(flow.id());
        json.name("course").number(courseNumber());
        json.name("tuples").array();
        for (String tuple : tuples) {
            json.string(tuple);
        }
        json.endArray();
        json.name("values");
        values.write(json);
        textField(json, "told", flow.told() == null ? null : flow.told().source() + " -> " + flow.told().destination());
        textField(json, "undetermined", flow.undetermined());
        if (!flow.deviations().isEmpty()) {
            json.name("deviations").array();
            for (Deviation deviation : flow.deviations()) {
                deviation(deviation, json);
            }
            json.endArray();
        }
        json.endObject();
    }

    /** Most flows go the way of the one before. */
    private int courseNumber() {
        if (!course.equals(lastCourse)) {
            Integer known = courses.get(course);
            lastCourse = course.copy();
            lastNumber = known == null ? courses.size() : known;
            courses.putIfAbsent(lastCourse, lastNumber);
        }
        return lastNumber;
    }

    @Override
    void writeCommon(JsonOut json) throws IOException {
        json.name("courses").array();
        for (NumberList known : courses.keySet()) {
            known.write(json);
        }
        json.endArray();
        courses.clear();
        lastCourse = null;
    }

    private void describe(FlowResult flow) {
        course.add(texts.number(Double.toString(flow.confidence())));
        course.add(flow.matchedBy().size());
        for (String evidence : flow.matchedBy()) {
            text(evidence);
        }
        course.add(flow.legs().size());
        for (FlowResult.LegResult leg : flow.legs()) {
            course.add(clocks.index(leg.point()));
            tuple(leg.tuple());
            text(leg.relation());
            values.add(textNumber(leg.history()));
            values.add(leg.requestPackets());
            values.add(leg.replyPackets());
            frame(leg.first(), course, values);
            frame(leg.last(), course, values);
        }
        course.add(flow.steps().size());
        for (Step step : flow.steps()) {
            text(step.number());
            text(step.title());
            tuple(step.tuple());
            course.add(step.status().ordinal());
            text(step.reason());
            values.add(step.packets());
            valueIfKnown(step.latencyNanos());
            valueIfKnown(step.latencyUncertaintyNanos());
            frames(step.evidence());
        }
        course.add(flow.hops().size());
        for (Hop hop : flow.hops()) {
            hop(hop);
        }
        course.add(flow.packets().size());
        for (Map.Entry<String, FlowResult.PacketCount> entry : flow.packets().entrySet()) {
            course.add(clocks.index(entry.getKey()));
            values.add(entry.getValue().request());
            values.add(entry.getValue().reply());
        }
    }

    private void hop(Hop hop) {
        course.add(clocks.index(hop.from()));
        course.add(clocks.index(hop.to()));
        course.add(hop.direction() == Direction.REQUEST ? 0 : 1);
        boolean smooth = hop.delivered() == hop.sent() && hop.lost() == 0 && hop.hidden() == 0 && hop.duplicated() == 0
                && hop.reordered() == 0 && hop.altered() == 0;
        course.add(smooth ? 1 : 0);
        values.add(hop.sent());
        values.add(hop.minDelayNanos());
        values.add(hop.medianDelayNanos());
        values.add(hop.maxDelayNanos());
        if (!smooth) {
            values.add(hop.delivered());
            values.add(hop.lost());
            values.add(hop.hidden());
            values.add(hop.duplicated());
            values.add(hop.reordered());
            values.add(hop.altered());
        }
        frames(hop.lostFrames());
    }

    private void text(String value) {
        course.add(textNumber(value));
    }

    private int textNumber(String value) {
        return value == null ? NONE : texts.number(value);
    }

    private void tuple(String tuple) {
        int number = NONE;
        if (tuple != null) {
            number = tuples.indexOf(tuple);
            if (number < 0) {
                number = tuples.size();
                tuples.add(tuple);
            }
        }
        course.add(number);
    }

    private void valueIfKnown(Long value) {
        course.add(value == null ? 0 : 1);
        if (value != null) {
            values.add(value);
        }
    }

    private void frames(List<FrameRef> frames) {
        course.add(frames.size());
        for (FrameRef frame : frames) {
            frame(frame, course, values);
        }
    }

    /**
     * Adds a frame.
     *
     * @param where gets its point and file
     * @param when gets its number and time after the last frame of the same point
     */
    private void frame(FrameRef frame, NumberList where, NumberList when) {
        if (frame == null) {
            where.add(NONE);
            return;
        }
        int point = clocks.index(frame.point());
        FrameRef before = lastOfPoint[point];
        where.add(point);
        where.add(textNumber(frame.file()));
        when.add(frame.number() - (before == null ? 0 : before.number()));
        when.add(frame.timeNanos() - (before == null ? clocks.base(frame.point()) : before.timeNanos()));
        lastOfPoint[point] = frame;
    }

    private void deviation(Deviation deviation, JsonOut json) throws IOException {
        json.array();
        text(deviation.code(), json);
        json.number(deviation.severity().ordinal());
        text(deviation.step(), json);
        text(deviation.point(), json);
        json.string(deviation.message());
        json.array();
        for (FrameRef frame : deviation.evidence()) {
            evidence.clear();
            frame(frame, evidence, evidence);
            evidence.write(json);
        }
        json.endArray();
        json.array();
        for (String code : deviation.consequences()) {
            text(code, json);
        }
        json.endArray();
        text(deviation.remedy(), json);
        json.endArray();
    }

    private void textField(JsonOut json, String name, String value) throws IOException {
        if (value != null) {
            json.name(name);
            text(value, json);
        }
    }

    private void text(String value, JsonOut json) throws IOException {
        if (value == null) {
            json.nothing();
        } else {
            json.number(texts.number(value));
        }
    }
}
