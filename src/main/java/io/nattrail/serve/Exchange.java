package io.nattrail.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** A request with the means to answer it, once. */
final class Exchange {
    static final String HTML = "text/html; charset=utf-8";
    static final String JSON_TYPE = "application/json";

    /** What an answer may do that is no page: nothing. */
    private static final String NO_PAGE = "default-src 'none'; frame-ancestors 'none'; sandbox";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int FILE_BUFFER = 1 << 16;

    private final Request request;
    private final Response response;
    private final Callback callback;
    private final Map<String, String> parameters = new LinkedHashMap<>();

    Exchange(Request request, Response response, Callback callback) {
        this.request = request;
        this.response = response;
        this.callback = callback;
        HttpFields.Mutable headers = response.getHeaders();
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("X-Frame-Options", "DENY");
        headers.put("Referrer-Policy", "no-referrer");
        headers.put("Cross-Origin-Resource-Policy", "same-origin");
        headers.put("Cross-Origin-Opener-Policy", "same-origin");
        headers.put("Content-Security-Policy", NO_PAGE);
        headers.put(HttpHeader.CACHE_CONTROL, "no-store");
    }

    Request request() {
        return request;
    }

    /** The part of the path that stands for a name in braces. */
    String parameter(String name) {
        return parameters.get(name);
    }

    void parameters(Map<String, String> found) {
        parameters.putAll(found);
    }

    Exchange header(String name, String value) {
        response.getHeaders().put(name, value);
        return this;
    }

    Exchange status(int status) {
        response.setStatus(status);
        return this;
    }

    void json(Object value) throws JsonProcessingException {
        bytes(JSON_TYPE, JSON.writeValueAsBytes(value));
    }

    void text(String type, String text) {
        bytes(type, text.getBytes(StandardCharsets.UTF_8));
    }

    void bytes(String type, byte[] content) {
        header("Content-Type", type);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, content.length);
        response.write(true, head() ? null : ByteBuffer.wrap(content), callback);
    }

    void nothing(int status) {
        response.setStatus(status);
        response.write(true, null, callback);
    }

    /** Sends a file without holding a thread while the client takes its time; closes it. */
    void file(String type, SeekableByteChannel file) throws IOException {
        header("Content-Type", type);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, file.size());
        Callback closing = Callback.from(callback, () -> close(file));
        if (head()) {
            response.write(true, null, closing);
            return;
        }
        ByteBufferPool pool = request.getComponents().getByteBufferPool();
        Content.copy(Content.Source.from(new ByteBufferPool.Sized(pool, true, FILE_BUFFER), file, 0, file.size()), response, closing);
    }

    private static void close(SeekableByteChannel file) {
        try {
            file.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private boolean head() {
        return "HEAD".equals(request.getMethod());
    }

    /** Answers with problem details (RFC 9457); {@code remedy} is an extension member. */
    void refuse(Refusal refusal) {
        refusal.headers().forEach(this::header);
        problem(refusal.status(), refusal.getMessage(), refusal.remedy());
    }

    void problem(int status, String what, String remedy) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("title", what);
        problem.put("status", status);
        problem.put("remedy", remedy);
        try {
            header("Content-Security-Policy", NO_PAGE);
            status(status).bytes("application/problem+json", JSON.writeValueAsBytes(problem));
        } catch (JsonProcessingException e) {
            callback.failed(e);
        }
    }

    boolean answered() {
        return response.isCommitted();
    }

    void abort(Throwable why) {
        callback.failed(why);
    }
}
