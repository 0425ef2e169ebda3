package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * A headless Chromium with one page, driven over the DevTools protocol: registered as an extension of the tests of a class, which are
 * skipped where there is none. A test whose page crashed or hangs is run once more in a new one; one that fails is not.
 */
public final class Browser implements BeforeAllCallback, AfterAllCallback, InvocationInterceptor {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SECONDS = 120;
    /** A page that is not drawn for want of a compositor goes on all the same. */
    private static final String FRAME = "new Promise(done => { requestAnimationFrame(done); setTimeout(done, 1000); })";

    private Process process;
    private Path profile;
    private WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    /** The page crashed, hangs, or went away with the browser: nothing that was tested is at fault as long as it happens once. */
    private static final class Gone extends IllegalStateException {
        private Gone(String message) {
            super(message);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException, InterruptedException {
        Assumptions.assumeTrue(program() != null, "no Chromium here: apt-get install chromium");
        start();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (process != null) {
            close();
        }
    }

    @Override
    public void interceptTestMethod(Invocation<Void> test, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        try {
            test.proceed();
        } catch (Gone e) {
            context.publishReportEntry("run once more", e.getMessage());
            close();
            start();
            Object instance = context.getRequiredTestInstance();
            for (Method before : ReflectionSupport.findMethods(context.getRequiredTestClass(),
                    found -> AnnotationSupport.isAnnotated(found, BeforeEach.class), HierarchyTraversalMode.TOP_DOWN)) {
                ReflectionSupport.invokeMethod(before, instance);
            }
            ReflectionSupport.invokeMethod(method.getExecutable(), instance, method.getArguments().toArray());
        }
    }

    @Override
    public void interceptTestTemplateMethod(Invocation<Void> test, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        interceptTestMethod(test, method, context);
    }

    /** Where Debian puts it, or null if it is not installed. */
    private static Path program() {
        for (String name : List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")) {
            if (Files.isExecutable(Path.of(name))) {
                return Path.of(name);
            }
        }
        return null;
    }

    private void start() throws IOException, InterruptedException {
        profile = Files.createTempDirectory("nattrail-browser");
        process = new ProcessBuilder(program().toString(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
                // Containers give little shared memory, and a page that counts as hidden is drawn no more.
                "--disable-dev-shm-usage", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
                "--remote-debugging-port=0", "--user-data-dir=" + profile, "about:blank")
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        Duration patience = Duration.ofSeconds(SECONDS);
        HttpClient http = HttpClient.newBuilder().connectTimeout(patience).build();
        int port = port();
        HttpResponse<String> made = http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/new?about:blank"))
                .PUT(HttpRequest.BodyPublishers.noBody()).timeout(patience).build(), HttpResponse.BodyHandlers.ofString());
        socket = http.newWebSocketBuilder().connectTimeout(patience)
                .buildAsync(URI.create(JSON.readTree(made.body()).get("webSocketDebuggerUrl").asText()),
                new Listener()).join();
        send("Inspector.enable", JSON.createObjectNode());
        send("Page.enable", JSON.createObjectNode());
        send("Runtime.enable", JSON.createObjectNode());
        send("Log.enable", JSON.createObjectNode());
        size(1440, 900);
    }

    private int port() throws IOException, InterruptedException {
        Path file = profile.resolve("DevToolsActivePort");
        for (int i = 0; i < 600; i++) {
            if (Files.exists(file) && Files.readAllLines(file).size() >= 2) {
                return Integer.parseInt(Files.readAllLines(file).get(0));
            }
            if (!process.isAlive()) {
                throw new IOException("the browser ended with status " + process.exitValue());
            }
            Thread.sleep(50);
        }
        throw new IOException("the browser does not listen");
    }

    /** The window's size in CSS pixels. */
    public void size(int width, int height) {
        send("Emulation.setDeviceMetricsOverride", JSON.createObjectNode().put("width", width).put("height", height)
                .put("deviceScaleFactor", 1).put("mobile", false));
    }

    /** {@code dark} or {@code light}, {@code screen} or {@code print}. */
    public void media(String medium, String scheme) {
        ObjectNode parameters = JSON.createObjectNode().put("media", medium);
        parameters.putArray("features").addObject().put("name", "prefers-color-scheme").put("value", scheme);
        send("Emulation.setEmulatedMedia", parameters);
    }

    /** The few colours that somebody has chosen for all of his system, until {@link #media} is called again. */
    public void forcedColors() {
        ObjectNode parameters = JSON.createObjectNode().put("media", "screen");
        parameters.putArray("features").addObject().put("name", "forced-colors").put("value", "active");
        send("Emulation.setEmulatedMedia", parameters);
    }

    /** Opens a file and waits until the report says that it is ready; milliseconds that it took. */
    public long open(Path file, String fragment) {
        return navigate(file.toUri() + fragment);
    }

    /** Opens an address and waits until the page says that it is ready. */
    public void open(URI address) {
        navigate(address.toString());
    }

    private long navigate(String address) {
        send("Page.navigate", JSON.createObjectNode().put("url", "about:blank"));
        long start = System.nanoTime();
        send("Page.navigate", JSON.createObjectNode().put("url", address));
        await("document.documentElement?.dataset.ready === 'true'");
        long took = (System.nanoTime() - start) / 1_000_000;
        // Chromium drops what is clicked or typed before a new page was drawn for the first time.
        frame();
        return took;
    }

    /** Puts files into the file picker that is found at the selector. */
    public void pick(String selector, List<Path> files) {
        String expression = "document.querySelector(" + quote(selector) + ")";
        String object = send("Runtime.evaluate", JSON.createObjectNode().put("expression", expression))
                .path("result").path("objectId").asText();
        ObjectNode parameters = JSON.createObjectNode().put("objectId", object);
        files.forEach(file -> parameters.withArray("files").add(file.toAbsolutePath().toString()));
        send("DOM.setFileInputFiles", parameters);
    }

    /** Drags files, or folders, over the element and drops them there, as a person would. */
    public void drop(String selector, List<Path> files) {
        JsonNode box = evaluate("(() => { const e = document.querySelector(" + quote(selector)
                + "); e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
                + " return [r.x + r.width / 2, r.y + r.height / 2]; })()");
        for (String type : List.of("dragEnter", "dragOver", "drop")) {
            ObjectNode parameters = JSON.createObjectNode().put("type", type).put("x", box.get(0).asDouble())
                    .put("y", box.get(1).asDouble());
            ObjectNode data = parameters.putObject("data");
            data.putArray("items");
            data.put("dragOperationsMask", 1);
            files.forEach(file -> data.withArray("files").add(file.toAbsolutePath().toString()));
            send("Input.dispatchDragEvent", parameters);
        }
        settle();
    }

    /** Waits until an expression is true. */
    public void await(String expression) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!evaluate("!!(" + expression + ")").asBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("never true: " + expression + "; complaints: " + complaints);
            }
            pause(20);
        }
    }

    /** Waits until the page is drawn once more. */
    public void frame() {
        evaluate(FRAME);
    }

    /** Waits until what was drawn last is on the screen. */
    public void settle() {
        evaluate("(async () => { await " + FRAME + "; await " + FRAME + "; await new Promise(done => setTimeout(done, 60)); })()");
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the browser works", e);
        }
    }

    /** The value of an expression; a promise is awaited. */
    public JsonNode evaluate(String expression) {
        JsonNode answer = send("Runtime.evaluate", JSON.createObjectNode().put("expression", expression).put("returnByValue", true)
                .put("awaitPromise", true).put("userGesture", true));
        if (answer.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + answer.get("exceptionDetails"));
        }
        return answer.path("result").path("value");
    }

    public String text(String selector) {
        return evaluate("document.querySelector(" + quote(selector) + ")?.innerText ?? ''").asText();
    }

    public int count(String selector) {
        return evaluate("document.querySelectorAll(" + quote(selector) + ").length").asInt();
    }

    public void go(String fragment) {
        evaluate("location.hash = " + quote(fragment));
        settle();
    }

    /** Clicks where the element is, as a person would. */
    public void click(String selector) {
        untilSeen("mousedown", () -> {
            evaluate("document.querySelector(" + quote(selector) + ").scrollIntoView({block: 'center'})");
            // What moves on scrolling has moved.
            frame();
            JsonNode box = evaluate("(() => { const r = document.querySelector(" + quote(selector)
                    + ").getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()");
            for (String type : List.of("mousePressed", "mouseReleased")) {
                send("Input.dispatchMouseEvent", JSON.createObjectNode().put("type", type).put("x", box.get(0).asDouble())
                        .put("y", box.get(1).asDouble()).put("button", "left").put("clickCount", 1));
            }
        });
    }

    public void key(String key, int code) {
        key(key, code, "");
    }

    /** The same for a key that writes something: a button is pressed by Enter only if that brings a carriage return. */
    public void key(String key, int code, String text) {
        untilSeen("keydown", () -> {
            for (String type : List.of("keyDown", "keyUp")) {
                send("Input.dispatchKeyEvent", JSON.createObjectNode().put("type", type).put("key", key)
                        .put("windowsVirtualKeyCode", code).put("text", type.equals("keyDown") ? text : ""));
            }
        });
    }

    /** Does something once more if the page did not get its event: Chromium drops what comes while it is busy with a new page. */
    private void untilSeen(String event, Runnable input) {
        for (int attempt = 0; attempt < 10; attempt++) {
            evaluate("window.inputSeen = false; addEventListener('" + event
                    + "', () => { window.inputSeen = true; }, {capture: true, once: true})");
            input.run();
            settle();
            // A link may have led to another page, which knows nothing of it.
            if (evaluate("window.inputSeen !== false").asBoolean()) {
                return;
            }
        }
        throw new IllegalStateException("the page saw no " + event);
    }

    public void type(String text) {
        send("Input.insertText", JSON.createObjectNode().put("text", text));
        pause(120);
        settle();
    }

    /** Keeps a picture of what is seen, or of the whole page. */
    public void screenshot(Path file, boolean whole) throws IOException {
        send("Input.dispatchMouseEvent", JSON.createObjectNode().put("type", "mouseMoved").put("x", 1).put("y", 300));
        settle();
        ObjectNode parameters = JSON.createObjectNode().put("format", "png").put("captureBeyondViewport", whole);
        if (whole) {
            evaluate("window.scrollTo(0, 0)");
            settle();
            JsonNode content = send("Page.getLayoutMetrics", JSON.createObjectNode()).get("cssContentSize");
            parameters.putObject("clip").put("x", 0).put("y", 0).put("width", content.get("width").asDouble())
                    .put("height", Math.min(6000, content.get("height").asDouble())).put("scale", 1);
        }
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(send("Page.captureScreenshot", parameters).get("data").asText()));
    }

    /** The page as it would be printed. */
    public void pdf(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        JsonNode answer = send("Page.printToPDF", JSON.createObjectNode().put("printBackground", true).put("landscape", true));
        Files.write(file, Base64.getDecoder().decode(answer.get("data").asText()));
    }

    /** Nothing that axe-core calls serious or critical is on the page. */
    public void assertAccessible(String place) throws IOException {
        try (InputStream in = Browser.class.getResourceAsStream("/axe.min.js")) {
            evaluate(new String(in.readAllBytes(), StandardCharsets.UTF_8) + ";0");
        }
        JsonNode found = evaluate("axe.run(document, {resultTypes: ['violations']}).then(result => result.violations"
                + ".filter(item => ['serious', 'critical'].includes(item.impact))"
                + ".map(item => item.id + ': ' + item.nodes.slice(0, 3).map(node => "
                + "node.html.slice(0, 160) + ' ' + node.any.map(rule => rule.message))))");
        assertThat(found).as("axe-core on " + place).isEmpty();
    }

    /** Errors and warnings of the console, exceptions, refused resources. */
    public List<String> complaints() {
        return new ArrayList<>(complaints);
    }

    /** Those so far were expected. */
    public void forgetComplaints() {
        complaints.clear();
    }

    public static String quote(String text) {
        return JSON.getNodeFactory().textNode(text).toString();
    }

    /** Ends the process that draws the page, as want of memory does. */
    void crash() {
        send("Page.crash", JSON.createObjectNode());
    }

    private JsonNode send(String method, ObjectNode parameters) {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", parameters);
        if (!process.isAlive()) {
            throw new Gone(method + ": the browser has ended");
        }
        socket.sendText(message.toString(), true);
        try {
            return answer.get(SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the browser works", e);
        } catch (TimeoutException e) {
            // Whoever asks next need not wait as long for nothing.
            process.destroyForcibly();
            throw new Gone(method + " was not answered in " + SECONDS + " s");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Gone) {
                throw new Gone(method + ": " + e.getCause().getMessage());
            }
            throw new IllegalStateException(method + " failed", e);
        }
    }

    private void gone(String why) {
        process.destroyForcibly();
        waiting.values().forEach(answer -> answer.completeExceptionally(new Gone(why)));
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                String whole = text.toString();
                text.setLength(0);
                receive(whole);
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket webSocket, int status, String reason) {
            gone("the browser has ended");
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            gone("the browser has ended: " + error);
        }

        private void receive(String whole) {
            try {
                JsonNode message = JSON.readTree(whole);
                CompletableFuture<JsonNode> answer = message.has("id") ? waiting.remove(message.get("id").asInt()) : null;
                if (answer != null && message.has("error")) {
                    answer.completeExceptionally(new IllegalStateException(message.get("error").toString()));
                } else if (answer != null) {
                    answer.complete(message.get("result"));
                } else {
                    notice(message.path("method").asText(), message.path("params"));
                }
            } catch (IOException e) {
                complaints.add("not understood: " + whole);
            }
        }

        private void notice(String method, JsonNode parameters) {
            if (method.equals("Inspector.targetCrashed")) {
                gone("the page crashed");
            }
            String level = parameters.path("entry").path("level").asText();
            String type = parameters.path("type").asText();
            if (method.equals("Runtime.exceptionThrown")
                    || method.equals("Runtime.consoleAPICalled")
                            && (type.equals("error") || type.equals("warning") || type.equals("assert"))
                    || method.equals("Log.entryAdded") && (level.equals("error") || level.equals("warning"))) {
                complaints.add(parameters.toString());
            }
        }
    }

    private void close() throws IOException {
        complaints.clear();
        waiting.clear();
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (int attempt = 0; Files.exists(profile) && attempt < 20; attempt++) {
            try (Stream<Path> files = Files.walk(profile)) {
                files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
            }
            pause(20);
        }
    }
}
