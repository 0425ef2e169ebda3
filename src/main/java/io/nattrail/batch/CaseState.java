package io.nattrail.batch;

import java.util.Locale;

/** What became of a case of a batch; the worst first. */
public enum CaseState {
    /** The analysis itself failed: a fault of the program, or too little memory. */
    BROKEN,
    /** Its input cannot be read. */
    UNREADABLE,
    /** Some flow failed. */
    FAILED,
    /** Some flow is degraded, none failed. */
    DEGRADED,
    /** Of some flow the captures do not tell, none is worse. */
    UNDETERMINED,
    /** No flow was found. */
    EMPTY,
    /** All flows are well. */
    OK;

    /** The word in tables. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
