package io.nattrail.serve;

import java.util.Map;

/** A request that is not served: a status, what is wrong, and what to do. Answered as problem details (RFC 9457). */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String remedy;
    private final transient Map<String, String> headers;

    private Refusal(int status, String what, String remedy, Map<String, String> headers) {
        super(what, null, false, false);
        this.status = status;
        this.remedy = remedy;
        this.headers = headers;
    }

    static Refusal of(int status, String what, String remedy) {
        return new Refusal(status, what, remedy, Map.of());
    }

    /** For now: the same request may do later. */
    static Refusal forNow(int status, String what, String remedy, int seconds) {
        return new Refusal(status, what, remedy, Map.of("Retry-After", Integer.toString(seconds)));
    }

    static Refusal with(int status, String what, String remedy, String header, String value) {
        return new Refusal(status, what, remedy, Map.of(header, value));
    }

    static Refusal notFound(String what) {
        return of(404, what, "see what there is: GET /api/cases, and GET /openapi.yaml for all paths");
    }

    int status() {
        return status;
    }

    String remedy() {
        return remedy;
    }

    Map<String, String> headers() {
        return headers;
    }
}
