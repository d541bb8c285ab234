// SPDX-License-Identifier: Apache-2.0
// A client of the Tallygate API in Java 17 and later, without libraries.
//
//   java Tallygate.java create ORDER.json KEY     asks for the money of an order (POST /v1/payments); KEY is the Idempotency-Key
//   java Tallygate.java refresh PAYMENT_ID        刷新支付状态
//   java Tallygate.java verify-webhook BODY ID TIMESTAMP SIGNATURE
//
// TALLYGATE_URL, TALLYGATE_KEYID, TALLYGATE_KEY_FILE, TALLYGATE_ALGORITHM (hmac-sha256 or ed25519) say who asks whom;
// TALLYGATE_WEBHOOK_SECRET (whsec_…) is for webhooks.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public final class Tallygate {
    private static final long TOLERANCE_S = 300;
    private static final Map<String, String> ENV = System.getenv();

    private Tallygate() {}

    // TALLYGATE_CLOCK_SHIFT_S is for a development gateway, which may live at another time.
    static long now() {
        return System.currentTimeMillis() / 1000 + Long.parseLong(ENV.getOrDefault("TALLYGATE_CLOCK_SHIFT_S", "0"));
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    static byte[] hmac(byte[] key, byte[]... parts) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        for (byte[] part : parts) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    static byte[] sign(String text) throws Exception {
        String key = Files.readString(Path.of(ENV.get("TALLYGATE_KEY_FILE")));
        if (!"ed25519".equals(ENV.get("TALLYGATE_ALGORITHM"))) {
            return hmac(utf8(key.replaceFirst("\n$", "")), utf8(text));
        }
        byte[] der = Base64.getMimeDecoder().decode(key.replaceAll("-----[^-]+-----", ""));
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(der)));
        signature.update(utf8(text));
        return signature.sign();
    }

    // RFC 9421 over the method, path, query and, with a body, its RFC 9530 digest.
    static Map<String, String> signedHeaders(String method, URI url, byte[] body) throws Exception {
        List<Map.Entry<String, String>> lines = new ArrayList<>();
        Map<String, String> headers = new TreeMap<>();
        lines.add(Map.entry("@method", method));
        lines.add(Map.entry("@path", url.getRawPath()));
        lines.add(Map.entry("@query", "?" + (url.getRawQuery() == null ? "" : url.getRawQuery())));
        if (body.length > 0) {
            String digest = "sha-256=:" + base64(MessageDigest.getInstance("SHA-256").digest(body)) + ":";
            headers.put("Content-Digest", digest);
            lines.add(Map.entry("content-digest", digest));
        }
        byte[] nonce = new byte[16];
        new SecureRandom().nextBytes(nonce);
        String names = lines.stream().map(line -> '"' + line.getKey() + '"').collect(Collectors.joining(" "));
        String parameters = String.format("(%s);created=%d;nonce=\"%s\";keyid=\"%s\"", names, now(),
                HexFormat.of().formatHex(nonce), ENV.get("TALLYGATE_KEYID"));
        String base = lines.stream().map(line -> '"' + line.getKey() + "\": " + line.getValue() + "\n")
                .collect(Collectors.joining()) + "\"@signature-params\": " + parameters;
        headers.put("Signature-Input", "sig=" + parameters);
        headers.put("Signature", "sig=:" + base64(sign(base)) + ":");
        return headers;
    }

    // After a time-out send the same request with the same key again: it is done once.
    static HttpResponse<String> call(String method, String path, byte[] body, String idempotencyKey) throws Exception {
        URI url = URI.create(ENV.get("TALLYGATE_URL") + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(30))
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body)).header("Accept-Language", "en");
        signedHeaders(method, url, body).forEach(request::header);
        if (body.length > 0) {
            request.header("Content-Type", "application/json");
        }
        if (idempotencyKey != null) {
            request.header("Idempotency-Key", idempotencyKey);
        }
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    // Standard Webhooks: one of the signatures is HMAC-SHA256 over id.timestamp.body, and the time is near.
    static boolean verifyWebhook(String secret, byte[] body, String id, String timestamp, String signatures)
            throws GeneralSecurityException {
        byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
        byte[] wanted = utf8("v1," + base64(hmac(key, utf8(id + "." + timestamp + "."), body)));
        boolean same = false;
        for (String one : signatures.split(" ")) {
            same |= MessageDigest.isEqual(wanted, utf8(one));
        }
        return same && timestamp.matches("[0-9]{1,12}") && Math.abs(now() - Long.parseLong(timestamp)) <= TOLERANCE_S;
    }

    static int run(String[] words) throws Exception {
        HttpResponse<String> answer;
        String command = words.length + (words.length > 0 ? words[0] : "");
        switch (command) {
            case "3create":
                answer = call("POST", "/v1/payments", Files.readAllBytes(Path.of(words[1])), words[2]);
                break;
            case "2refresh":
                answer = call("POST", "/v1/payments/" + words[1] + "/refresh", utf8("{}"), null);
                break;
            case "5verify-webhook":
                boolean good = verifyWebhook(ENV.get("TALLYGATE_WEBHOOK_SECRET"),
                        Files.readAllBytes(Path.of(words[1])), words[2], words[3], words[4]);
                System.out.println(good ? "genuine" : "not genuine");
                return good ? 0 : 1;
            default:
                System.err.println(
                        "usage: create ORDER.json KEY | refresh PAYMENT_ID | verify-webhook BODY ID TIMESTAMP SIGNATURE");
                return 2;
        }
        System.out.println(answer.body());
        return answer.statusCode() < 300 ? 0 : 1;
    }

    public static void main(String[] words) throws Exception {
        System.exit(run(words));
    }
}
