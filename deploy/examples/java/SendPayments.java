/*
 * Send payments to Sluicegate with Kafka's own client: one line of CSV on standard input, one event in Kafka.
 *
 *     BROKER=localhost:9092 TENANT=acme SECRET_FILE=acme.secret \
 *         java -cp 'libs/*' SendPayments.java < payments.csv
 *
 * libs: org.apache.kafka:kafka-clients and what it needs (slf4j-api, lz4-java, snappy-java, zstd-jni).
 *
 * Columns: payment_id, payee_id, run_id, routing_number, account_number, amount (USD). Account numbers stay here: a
 * fingerprint goes out, keyed with the tenant's secret (openssl rand -hex 32 > acme.secret), and the last four digits.
 * Sending the same payment again is harmless: its event has the same id.
 */

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

public class SendPayments {
    static final Map<String, String> ENV = System.getenv();
    static final String TENANT = ENV.get("TENANT");
    static final String TOPIC = ENV.getOrDefault("TOPIC", "payroll-payments");

    public static void main(String[] arguments) throws Exception {
        byte[] secret = Files.readString(Path.of(ENV.get("SECRET_FILE"))).strip().getBytes(StandardCharsets.UTF_8);
        // of a broker that asks who is there: security.protocol, sasl.mechanism, sasl.jaas.config
        Map<String, Object> settings = Map.of(
            "bootstrap.servers", ENV.getOrDefault("BROKER", "localhost:9092"),
            "acks", "all");
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        lines.readLine(); // the heading
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                sent.add(producer.send(new ProducerRecord<>(TOPIC, TENANT, event(line.split(","), secret))));
            }
            for (var future : sent) {
                future.get(); // throws where Kafka did not take it
            }
        }
        System.err.println(sent.size() + " payments sent");
    }

    /** The CloudEvent of a payment; its time is when the payment was instructed, here: now. */
    static String event(String[] row, byte[] secret) throws Exception {
        String payment = row[0], payee = row[1], run = row[2], routing = bare(row[3]), number = bare(row[4]);
        String account = """
            {"fp": %s, "scheme": "us_aba", "country": "US", "bank_id": %s, "last4": %s}""".formatted(
                json(fingerprint(secret, "us_aba", "US", routing, number)),
                json(routing),
                json(number.substring(Math.max(0, number.length() - 4))));
        return """
            {"specversion": "1.0", "id": %s, "source": "/examples/java", "type": "payroll.payment.v1", "time": %s,
             "tenantid": %s, "data": {"payment_id": %s, "payee": {"payee_id": %s, "kind": "employee"}, "account": %s,
             "amount": {"value": %s, "currency": "USD"}, "schedule": {"rail": "ach", "run_id": %s}}}""".formatted(
                json(payment), json(Instant.now().toString()), json(TENANT), json(payment), json(payee), account,
                json(row[5].strip()), json(run));
    }

    /** The account as alerts name it; the same for the same account, and of no use without the secret. */
    static String fingerprint(byte[] secret, String scheme, String country, String bank, String number)
            throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        String text = String.join("\n", "fp", scheme, country, bank, number);
        String digits = HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        return "fp_" + digits.substring(0, 24);
    }

    /** As it is fingerprinted: capitals, without blanks and dashes. */
    static String bare(String number) {
        return number.replaceAll("[\\s-]+", "").toUpperCase();
    }

    static String json(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.strip().toCharArray()) {
            out.append(c == '"' || c == '\\' ? "\\" + c : c < ' ' ? String.format("\\u%04x", (int) c) : "" + c);
        }
        return out.append('"').toString();
    }
}
