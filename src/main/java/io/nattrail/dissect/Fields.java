package io.nattrail.dissect;

import java.util.ArrayList;
import java.util.List;
import org.pcap4j.packet.namednumber.NamedNumber;

/** Collects the fields of a layer; places are given within the layer and kept within the frame. */
final class Fields {
    private final int base;
    private final List<DissectedField> list = new ArrayList<>();

    Fields(int base) {
        this.base = base;
    }

    Fields add(String name, Object value, int offset, int length) {
        list.add(new DissectedField(name, String.valueOf(value), base + offset, length));
        return this;
    }

    Fields add(String name, Object value, int offset, int length, List<DissectedField> parts) {
        list.add(new DissectedField(name, String.valueOf(value), base + offset, length, parts));
        return this;
    }

    /** A bit, as a part of the byte or bytes that hold it. */
    Fields flag(String name, boolean set, int offset, int length) {
        return add(name, set ? "set" : "not set", offset, length);
    }

    List<DissectedField> list() {
        return list;
    }

    static String hex(long value, int digits) {
        String text = Long.toHexString(value);
        return "0x" + "0".repeat(Math.max(0, digits - text.length())) + text;
    }

    /** A number in hexadecimal and decimal. */
    static String both(int value) {
        return hex(value, 4) + " (" + value + ")";
    }

    /** A number with its name, where Pcap4J knows one. */
    static String named(NamedNumber<?, ?> number, String value) {
        String name = number.name();
        return name.equalsIgnoreCase("unknown") ? value : name + " (" + value + ")";
    }
}
