import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.Scheduler;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.CleanerStats;
import org.apache.kafka.storage.internals.log.LogCleanerManager;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.PreCleanStats;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/**
 * Cleans logs with Apache Kafka's own classes. Each line of the input is a job of fields with tabs between them: the log
 * directory, the directory of the partition in it, the start of the log, the time in ms, the bytes of the offset map,
 * settings as name=value with ; between them. The answer is a line: the first offset that was not cleaned, or "idle".
 */
public class KafkaCleaner {
    static final class FixedTime implements Time {
        long nowMs;

        public long milliseconds() { return nowMs; }
        public long nanoseconds() { return nowMs * 1_000_000; }
        public void sleep(long ms) { nowMs += ms; }
        public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) { }
    }

    static final ScheduledExecutorService NOTHING = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    });

    /** Does nothing of what it is told to do later. */
    static final class Never implements Scheduler {
        public void startup() { }
        public void shutdown() { }
        public ScheduledFuture<?> schedule(String name, Runnable task, long delayMs, long periodMs) {
            return NOTHING.schedule(() -> { }, 0, TimeUnit.MILLISECONDS);
        }
        public void resizeThreadPool(int size) { }
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            System.out.println(clean(line.split("\t")));
            System.out.flush();
        }
    }

    static String clean(String[] job) throws Exception {
        File root = new File(job[0]);
        FixedTime time = new FixedTime();
        time.nowMs = Long.parseLong(job[3]);
        Properties settings = new Properties();
        for (String setting : job[5].split(";")) {
            settings.setProperty(setting.split("=")[0], setting.split("=")[1]);
        }
        LogDirFailureChannel failures = new LogDirFailureChannel(1);
        UnifiedLog log = UnifiedLog.create(new File(root, job[1]), new LogConfig(settings), Long.parseLong(job[2]), 0L,
            new Never(), new BrokerTopicStats(), time, 900_000, new ProducerStateManagerConfig(86_400_000, false),
            600_000, failures, true, Optional.empty());
        log.updateHighWatermark(log.logEndOffset());
        ConcurrentMap<TopicPartition, UnifiedLog> logs = new ConcurrentHashMap<>(Map.of(log.topicPartition(), log));
        LogCleanerManager manager = new LogCleanerManager(List.of(root), logs, failures);
        Cleaner cleaner = new Cleaner(0, new SkimpyOffsetMap(Integer.parseInt(job[4])), 1 << 20, 1 << 25, 0.9,
            new Throttler(Double.MAX_VALUE, 300, "io", "bytes", time), time, partition -> { });
        Optional<LogToClean> chosen = manager.grabFilthiestCompactedLog(time, new PreCleanStats());
        String answer = "idle";
        if (chosen.isPresent()) {
            Map.Entry<Long, CleanerStats> done = cleaner.doClean(chosen.get(), time.nowMs);
            manager.doneCleaning(log.topicPartition(), root, done.getKey());
            answer = String.valueOf(done.getKey());
        }
        manager.removeMetrics();
        log.close();
        return answer;
    }
}
