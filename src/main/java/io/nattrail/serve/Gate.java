package io.nattrail.serve;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.jetty.http.HttpCookie;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * Who may ask.
 *
 * <ul>
 * <li>The name in {@code Host} must be one of this server's: a foreign page whose name was made to mean 127.0.0.1 (DNS rebinding) comes
 * with its own name.
 * <li>What another site's page makes a browser ask is refused, by {@code Sec-Fetch-Site} (W3C Fetch Metadata) and {@code Origin} (RFC
 * 6454); only following a link is allowed. Programs such as curl send neither.
 * <li>With a token, as {@code Authorization: Bearer} or in the page's cookie. The cookie is not the token but derived from it, so it is of
 * no use elsewhere, and a new token ends it.
 * </ul>
 */
final class Gate {
    private static final Set<String> READING = Set.of("GET", "HEAD");
    private static final String BEARER = "bearer ";

    private final byte[] token;
    private final byte[] session;
    private final Set<String> hosts = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));
    private final boolean anyAddress;
    private final String cookie;

    Gate(ServeSettings settings, int port) {
        InetAddress bind = settings.bind();
        hosts.add(literal(bind));
        settings.hosts().forEach(host -> hosts.add(host.toLowerCase(Locale.ROOT)));
        // Nobody can register an address as a name, so rebinding never brings one.
        anyAddress = !bind.isLoopbackAddress();
        token = settings.token() == null ? null : settings.token().getBytes(StandardCharsets.UTF_8);
        session = token == null ? null : derive(token);
        // Browsers send cookies to every port of a host: two servers must not take each other's.
        cookie = "nattrail_" + port;
    }

    private static byte[] derive(byte[] token) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(token, "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal("nattrail session".getBytes(StandardCharsets.US_ASCII)))
                    .getBytes(StandardCharsets.US_ASCII);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    /** As it stands in an address line. */
    static String literal(InetAddress address) {
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        String plain = scope < 0 ? text : text.substring(0, scope);
        return plain.indexOf(':') < 0 ? plain : "[" + plain + "]";
    }

    boolean needsToken() {
        return token != null;
    }

    /** Refuses what was not meant for this server or comes from another site's page. */
    void admit(Request request) {
        String host = Request.getServerName(request);
        String name = host == null ? "" : host.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
        if (!hosts.contains(name) && !(anyAddress && isAddress(name))) {
            throw Refusal.of(421, "this server is not called '" + FileNames.label(name) + "'",
                    "call it by its address, or start it with --host NAME");
        }
        HttpFields headers = request.getHeaders();
        boolean reading = READING.contains(request.getMethod());
        String site = headers.get("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin") && !site.equals("none") && !(reading && followsLink(headers))) {
            throw foreign();
        }
        String origin = headers.get(HttpHeader.ORIGIN);
        if (origin != null && !reading && !origin.replaceFirst("^https?://", "").equalsIgnoreCase(headers.get(HttpHeader.HOST))) {
            throw foreign();
        }
    }

    private static boolean followsLink(HttpFields headers) {
        return "navigate".equals(headers.get("Sec-Fetch-Mode")) && "document".equals(headers.get("Sec-Fetch-Dest"));
    }

    private static Refusal foreign() {
        return Refusal.of(403, "the request was made by a page of another site", "use the server's own page");
    }

    private static boolean isAddress(String name) {
        return name.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}") || name.matches("\\[[0-9a-f:.]+]");
    }

    /** Refuses who does not show the token, if there is one. */
    void authenticate(Request request) {
        if (token != null && !shows(request)) {
            throw Refusal.with(401, "a token is needed", "open the address that the server printed when it started, or send "
                    + "Authorization: Bearer TOKEN", "WWW-Authenticate", "Bearer realm=\"nattrail\"");
        }
    }

    private boolean shows(Request request) {
        for (HttpField field : request.getHeaders().getFields(HttpHeader.AUTHORIZATION)) {
            String value = field.getValue();
            if (value != null && value.toLowerCase(Locale.ROOT).startsWith(BEARER) && isToken(value.substring(BEARER.length()).strip())) {
                return true;
            }
        }
        List<HttpCookie> cookies = Request.getCookies(request);
        for (HttpCookie sent : cookies) {
            if (sent.getName().equals(cookie)
                    && MessageDigest.isEqual(session, sent.getValue().getBytes(StandardCharsets.UTF_8))) {
                return true;
            }
        }
        return false;
    }

    /** Compares in a time that does not tell how much of it was right. */
    boolean isToken(String text) {
        return token != null && MessageDigest.isEqual(token, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The cookie that stands for the token; {@code Secure} if the page was reached by https, through a proxy that adds it. */
    String cookie(Request request) {
        String origin = request.getHeaders().get(HttpHeader.ORIGIN);
        return cookie + "=" + new String(session, StandardCharsets.US_ASCII) + "; Path=/; HttpOnly; SameSite=Strict"
                + (origin != null && origin.startsWith("https://") ? "; Secure" : "");
    }

    /** Makes the browser forget the cookie. */
    String noCookie() {
        return cookie + "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0";
    }
}
