package io.nattrail.dissect;

/** A capture filter that cannot be used; the message says why and what to do. */
public final class FilterException extends Exception {
    private static final long serialVersionUID = 1L;

    FilterException(String message, Throwable cause) {
        super(message, cause);
    }
}
