// The copier of franz-go; what it is told and how it ends is as in copying.py.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	fenced      = 3
	gaveUp      = 4
	share       = 5
	abortsEvery = 7
	endWithin   = 45 * time.Second
)

func main() {
	stopping, stop := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop()
		time.Sleep(endWithin)
		os.Exit(gaveUp)
	}()
	bootstrap, source, target, group, transactionalID := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	session, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(strings.Split(bootstrap, ",")...),
		kgo.TransactionalID(transactionalID),
		kgo.TransactionTimeout(60*time.Second),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(source),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.SessionTimeout(3*time.Second),
		kgo.HeartbeatInterval(300*time.Millisecond),
		kgo.FetchMaxWait(100*time.Millisecond),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
	)
	if err == nil {
		err = copyRecords(stopping, session, target)
		session.Close()
	}
	switch {
	case err == nil:
	case errors.Is(err, kerr.ProducerFenced), errors.Is(err, kerr.InvalidProducerEpoch):
		fmt.Println("fenced:", err)
		os.Exit(fenced)
	default:
		fmt.Println("gave up:", err)
		os.Exit(gaveUp)
	}
}

func copyRecords(stopping context.Context, session *kgo.GroupTransactSession, target string) error {
	// The transaction of a predecessor ends here, not only when something is produced.
	if _, _, err := session.Client().ProducerID(context.Background()); err != nil {
		return err
	}
	for number := 1; ; {
		fetches := session.PollRecords(stopping, share)
		if stopping.Err() != nil {
			return nil
		}
		if fetches.NumRecords() == 0 {
			fetches.EachError(func(topic string, partition int32, err error) {
				fmt.Println("fetching", topic, partition, err)
			})
			continue
		}
		if err := session.Begin(); err != nil {
			return err
		}
		var failed kgo.FirstErrPromise
		fetches.EachRecord(func(record *kgo.Record) {
			copied := append([]byte("copy of "), record.Value...)
			out := &kgo.Record{Topic: target, Partition: record.Partition, Key: record.Key, Value: copied}
			session.Produce(context.Background(), out, failed.Promise())
		})
		cause := failed.Err()
		commit := cause == nil && number%abortsEvery != 0
		committed, err := session.End(context.Background(), kgo.TransactionEndTry(commit))
		if err != nil {
			return err
		}
		fmt.Println(places(fetches), "committed:", committed, cause)
		if errors.Is(cause, kerr.ProducerFenced) || errors.Is(cause, kerr.InvalidProducerEpoch) {
			return cause
		}
		number++
	}
}

func places(fetches kgo.Fetches) string {
	var text []string
	fetches.EachRecord(func(record *kgo.Record) {
		text = append(text, fmt.Sprintf("%d@%d", record.Partition, record.Offset))
	})
	return strings.Join(text, " ")
}
