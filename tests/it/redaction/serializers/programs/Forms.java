import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;

/** Prints each value in each form that Java has: java Forms.java NAME…, the values in variables of these names. */
class Forms {
    static byte[] bytes(String v) {
        return v.getBytes(StandardCharsets.UTF_8);
    }

    static String stored(String v) {
        try (var out = new java.io.StringWriter()) {
            var properties = new Properties();
            properties.setProperty("key", v);
            properties.store(out, null);
            return out.toString();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public static void main(String[] names) {
        Map<String, Function<String, String>> forms = new LinkedHashMap<>();
        forms.put("toString", v -> v);
        forms.put("List.toString", v -> List.of("a", v).toString());
        forms.put("Map.toString", v -> Map.of("key", v).toString());
        forms.put("URLEncoder", v -> URLEncoder.encode(v, StandardCharsets.UTF_8));
        forms.put("Base64", v -> Base64.getEncoder().encodeToString(bytes(v)));
        forms.put("Base64, URL", v -> Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(v)));
        forms.put("Base64, MIME", v -> Base64.getMimeEncoder().encodeToString(bytes(v)));
        forms.put("HexFormat", v -> HexFormat.of().formatHex(bytes(v)));
        forms.put("HexFormat with colons", v -> HexFormat.ofDelimiter(":").withUpperCase().formatHex(bytes(v)));
        forms.put("Properties.store", Forms::stored);
        forms.put("Throwable", v -> new IllegalStateException(v).toString());
        forms.put("unsigned bytes", v -> {
            var numbers = new int[bytes(v).length];
            Arrays.setAll(numbers, i -> bytes(v)[i] & 0xff);
            return Arrays.toString(numbers);
        });
        var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        forms.forEach((form, write) -> {
            for (String name : names) {
                out.print("\n@@ " + name + " " + form + "\n" + write.apply(System.getenv(name)) + "\n");
            }
        });
        out.flush();
    }
}
