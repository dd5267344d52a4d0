// Keyed count with goka, at least once: it has no transactions. One process, until SIGTERM:
//
//	goka bootstrap=127.0.0.1:9092 application=a prefix=bench- output=out state=/tmp/s
package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/IBM/sarama"
	"github.com/lovoo/goka"
	"github.com/lovoo/goka/codec"
	"github.com/lovoo/goka/storage"
)

func main() {
	options := parse(os.Args[1:])
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := run(ctx, options); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, options map[string]string) error {
	config := kafkaConfig()
	goka.ReplaceGlobalConfig(config)
	topics := goka.NewTopicManagerConfig()
	topics.Table.Replication, topics.Stream.Replication = 1, 1

	processor, err := goka.NewProcessor(
		[]string{options["bootstrap"]},
		countByKey(options),
		goka.WithStorageBuilder(storage.DefaultBuilder(options["state"])),
		goka.WithTopicManagerBuilder(goka.TopicManagerBuilderWithConfig(config, topics)))
	if err != nil {
		return err
	}
	return processor.Run(ctx)
}

func countByKey(options map[string]string) *goka.GroupGraph {
	output := goka.Stream(options["output"])
	var first sync.Once
	count := func(ctx goka.Context, _ any) {
		first.Do(func() { report("first-record") })
		seen := int64(1)
		if before := ctx.Value(); before != nil {
			seen += before.(int64)
		}
		ctx.SetValue(seen)
		ctx.Emit(output, ctx.Key(), seen)
	}
	return goka.DefineGroup(
		goka.Group(options["application"]),
		goka.Input(goka.Stream(options["prefix"]+"events"), new(codec.Bytes), count),
		goka.Output(output, long{}),
		goka.Persist(long{}))
}

// 64 bits, big-endian, as the other engines write a count; goka's own codec writes decimal digits.
type long struct{}

func (long) Encode(value any) ([]byte, error) {
	return binary.BigEndian.AppendUint64(nil, uint64(value.(int64))), nil
}

func (long) Decode(bytes []byte) (any, error) {
	if len(bytes) != 8 {
		return nil, fmt.Errorf("a long takes 8 bytes, found %d", len(bytes))
	}
	return int64(binary.BigEndian.Uint64(bytes)), nil
}

func kafkaConfig() *sarama.Config {
	config := goka.DefaultConfig()
	config.Version = sarama.V2_8_0_0
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	// As often as the others commit; sarama's default is a second.
	config.Consumer.Offsets.AutoCommit.Interval = 100 * time.Millisecond
	config.Producer.Compression = sarama.CompressionLZ4
	return config
}

// Tells the harness what happened: one JSON line an event.
func report(event string) {
	line := map[string]any{"event": event, "atMs": time.Now().UnixMilli()}
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		panic(err)
	}
}

func parse(arguments []string) map[string]string {
	options := map[string]string{}
	for _, argument := range arguments {
		name, value, _ := strings.Cut(argument, "=")
		options[name] = value
	}
	return options
}
