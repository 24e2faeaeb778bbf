import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApplicationRecoverableException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The copier of Apache Kafka's own clients; what it is told and how it ends is as in copying.py. */
public class Copier {
    static final int FENCED = 3;
    static final int GAVE_UP = 4;
    static final int SHARE = 5;
    static final int ABORTS_EVERY = 7;
    static final int END_WITHIN_MS = 45_000;

    static volatile boolean stopping = false;

    public static void main(String[] told) {
        Thread watching = new Thread(() -> {
            try {
                System.in.readAllBytes();
                stopping = true;
                Thread.sleep(END_WITHIN_MS);
            } catch (IOException | InterruptedException error) {
                System.out.println("standard input: " + error);
            }
            Runtime.getRuntime().halt(GAVE_UP);
        });
        watching.setDaemon(true);
        watching.start();
        int status = 0;
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumerSettings(told));
             KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(producerSettings(told))) {
            copy(consumer, producer, told[1], told[2]);
        } catch (ProducerFencedException | InvalidProducerEpochException error) {
            System.out.println("fenced: " + error);
            status = FENCED;
        } catch (KafkaException error) {
            System.out.println("gave up");
            error.printStackTrace(System.out);
            status = GAVE_UP;
        }
        System.exit(status);
    }

    static Properties consumerSettings(String[] told) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", told[0]);
        settings.put("group.id", told[3]);
        settings.put("isolation.level", "read_committed");
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "earliest");
        settings.put("session.timeout.ms", "3000");
        settings.put("heartbeat.interval.ms", "300");
        settings.put("fetch.max.wait.ms", "100");
        settings.put("max.poll.records", String.valueOf(SHARE));
        settings.put("key.deserializer", ByteArrayDeserializer.class.getName());
        settings.put("value.deserializer", ByteArrayDeserializer.class.getName());
        return settings;
    }

    static Properties producerSettings(String[] told) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", told[0]);
        settings.put("transactional.id", told[4]);
        settings.put("key.serializer", ByteArraySerializer.class.getName());
        settings.put("value.serializer", ByteArraySerializer.class.getName());
        return settings;
    }

    static void copy(KafkaConsumer<byte[], byte[]> consumer, KafkaProducer<byte[], byte[]> producer, String source,
                     String target) {
        producer.initTransactions();
        consumer.subscribe(List.of(source));
        for (int number = 0; !stopping;) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(200));
            if (records.isEmpty()) {
                continue;
            }
            number++;
            boolean sent = false;
            try {
                producer.beginTransaction();
                send(consumer, producer, records, target);
                sent = number % ABORTS_EVERY != 0;
                if (sent) {
                    producer.commitTransaction();
                    System.out.println("committed " + places(records));
                }
            } catch (ApplicationRecoverableException | InvalidConfigurationException error) {
                throw error;
            } catch (KafkaException error) {
                System.out.println("aborting " + places(records) + ": " + error);
                sent = false;
            }
            if (!sent) {
                producer.abortTransaction();
                rewind(consumer, records);
            }
        }
    }

    static void send(KafkaConsumer<byte[], byte[]> consumer, KafkaProducer<byte[], byte[]> producer,
                     ConsumerRecords<byte[], byte[]> records, String target) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            producer.send(new ProducerRecord<>(target, record.partition(), record.key(), copied(record.value())));
            TopicPartition place = new TopicPartition(record.topic(), record.partition());
            offsets.put(place, new OffsetAndMetadata(record.offset() + 1));
        }
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
    }

    static void rewind(KafkaConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> records) {
        for (TopicPartition place : records.partitions()) {
            if (consumer.assignment().contains(place)) {
                consumer.seek(place, records.records(place).get(0).offset());
            }
        }
    }

    static byte[] copied(byte[] value) {
        byte[] prefix = "copy of ".getBytes();
        byte[] copy = Arrays.copyOf(prefix, prefix.length + value.length);
        System.arraycopy(value, 0, copy, prefix.length, value.length);
        return copy;
    }

    static String places(ConsumerRecords<byte[], byte[]> records) {
        StringBuilder text = new StringBuilder();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            text.append(' ').append(record.partition()).append('@').append(record.offset());
        }
        return text.toString().trim();
    }
}
