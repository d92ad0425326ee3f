package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

// discarded is a sink that takes no time.
type discarded struct{}

func (discarded) Finding(detectors.Finding) error { return nil }
func (discarded) Write(p []byte) (int, error)     { return len(p), nil }
func (discarded) Flush() error                    { return nil }

// refusals are what applications say of one request in twenty below.
var refusals = []string{
	"token rejected: token has invalid claims: token is expired by 4m31s", "jwt malformed", "JsonWebTokenError: invalid signature",
	"login of user %d failed: password is wrong", "Full authentication is required to access this resource", "CSRF token mismatch",
	"IDX10503: Signature validation failed. Token does not have a kid.", "the audience of the token is another API",
}

// refusing is a log in which one line in twenty is a refusal; its sentences repeat,
// or each has numbers of its own.
func refusing(repeat bool) string {
	var text strings.Builder
	for i := range 40000 {
		at := fmt.Sprintf("2026-05-11T14:%02d:%02d.%03dZ", i/2400%60, i/40%60, i%40*25)
		client := fmt.Sprintf("198.51.100.%d", i%200)
		switch {
		case i%20 == 7:
			said := strings.ReplaceAll(refusals[i/20%len(refusals)], "%d", fmt.Sprint(i))
			if !repeat {
				said = fmt.Sprintf("%s, asked by desk %d for parcel %x", said, i%977, i*i)
			}
			fmt.Fprintf(&text, `{"time":"%s","level":"WARN","msg":"request refused","error":"%s","remote_addr":"%s","method":"GET","path":"/api/orders/%d","status":401,"request_id":"%08x"}`+"\n", at, said, client, i, i)
		case i%4 == 0:
			fmt.Fprintf(&text, "%s INFO  [worker-%d] shop.orders - order %d of customer %d was packed and handed over to the carrier after %d minutes\n", at, i%8, i, i%977, i%60)
		default:
			fmt.Fprintf(&text, `{"time":"%s","level":"INFO","msg":"request","remote_addr":"%s","method":"GET","path":"/api/orders/%d","status":200,"duration_ms":%d,"request_id":"%08x"}`+"\n", at, client, i, i%300, i)
		}
	}
	return text.String()
}

// BenchmarkClassification says what a report costs, and of that what naming causes
// adds to the rest, in per cent: the time that reading takes longer where each
// record is classified, too. It wants a machine at rest.
func BenchmarkClassification(b *testing.B) {
	for _, run := range []struct {
		name   string
		repeat bool
	}{{"repeated", true}, {"different", false}} {
		b.Run(run.name, func(b *testing.B) {
			text := refusing(run.repeat)
			b.SetBytes(int64(len(text)))
			c := rules.NewClassifier(rules.Builtin())
			var v rules.Verdict
			var whole, read, named time.Duration
			for b.Loop() {
				whole += timed(func() {
					cfg := Config{Mode: Report, Workers: 1}
					if _, err := Run(context.Background(), []Log{{Name: "-", Stdin: strings.NewReader(text)}}, cfg, discarded{}); err != nil {
						b.Fatal(err)
					}
				})
				read += timed(func() { each(text, func(*parsers.Record) {}) })
				named += timed(func() { each(text, func(r *parsers.Record) { c.Classify(r, &v) }) })
			}
			naming := float64(named - read)
			b.ReportMetric(100*naming/(float64(whole)-naming), "%-more")
			b.ReportMetric(naming/float64(b.N)/2000, "ns/refusal")
		})
	}
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// each reads text as a run does, in blocks of whole lines.
func each(text string, visit func(*parsers.Record)) {
	r := parsers.NewReader(parsers.Options{})
	source := &parsers.Source{Name: "-"}
	for line, rest := int64(1), text; rest != ""; {
		size := min(len(rest), 256<<10)
		size = strings.LastIndexByte(rest[:size], '\n') + 1
		b := parsers.Block{Source: source, Line: line, Data: []byte(rest[:size])}
		r.Each(&b, visit)
		line, rest = line+int64(strings.Count(rest[:size], "\n")), rest[size:]
	}
}
