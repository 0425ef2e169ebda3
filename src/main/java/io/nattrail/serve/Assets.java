package io.nattrail.serve;

import io.nattrail.report.SharedAssets;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** The page: its files lie in the jar, and only those named here are served. */
final class Assets {
    /** Nothing from elsewhere, nothing inline, no text that becomes markup or script. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
    private static final List<String> OWN = List.of("serve.css", "main.js", "api.js", "upload.js", "files.js", "cases.js", "icon.svg");

    private Assets() {
    }

    static List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        routes.add(new Route("GET", "/", true, x -> x.header("Content-Security-Policy", POLICY).header("Cache-Control", "no-cache")
                .bytes(Exchange.HTML, read("index.html"))));
        for (String name : OWN) {
            routes.add(asset(name, () -> read(name)));
        }
        for (String name : SharedAssets.NAMES) {
            routes.add(asset(name, () -> SharedAssets.read(name)));
        }
        return routes;
    }

    @FunctionalInterface
    private interface Content {
        byte[] read() throws IOException;
    }

    private static Route asset(String name, Content content) {
        String type = name.endsWith(".js") ? "text/javascript; charset=utf-8" : name.endsWith(".css") ? "text/css; charset=utf-8"
                : "image/svg+xml";
        return new Route("GET", "/assets/" + name, true, x -> x.header("Cache-Control", "no-cache").bytes(type, content.read()));
    }

    static byte[] read(String name) throws IOException {
        try (InputStream in = Assets.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + name);
            }
            return in.readAllBytes();
        }
    }
}
