package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"why401/detectors"
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

// BenchmarkClassification reads a log in which one line in twenty is a refusal,
// with rules and without: what naming causes costs of a whole run.
func BenchmarkClassification(b *testing.B) {
	var text strings.Builder
	for i := range 40000 {
		at := fmt.Sprintf("2026-05-11T14:%02d:%02d.%03dZ", i/2400%60, i/40%60, i%40*25)
		client := fmt.Sprintf("198.51.100.%d", i%200)
		switch {
		case i%20 == 7:
			said := strings.ReplaceAll(refusals[i/20%len(refusals)], "%d", fmt.Sprint(i))
			fmt.Fprintf(&text, `{"time":"%s","level":"WARN","msg":"request refused","error":"%s","remote_addr":"%s","method":"GET","path":"/api/orders/%d","status":401,"request_id":"%08x"}`+"\n", at, said, client, i, i)
		case i%4 == 0:
			fmt.Fprintf(&text, "%s INFO  [worker-%d] shop.orders - order %d of customer %d was packed and handed over to the carrier after %d minutes\n", at, i%8, i, i%977, i%60)
		default:
			fmt.Fprintf(&text, `{"time":"%s","level":"INFO","msg":"request","remote_addr":"%s","method":"GET","path":"/api/orders/%d","status":200,"duration_ms":%d,"request_id":"%08x"}`+"\n", at, client, i, i%300, i)
		}
	}
	none, err := rules.NewSet(nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, run := range []struct {
		name string
		set  *rules.Set
	}{{"with", rules.Builtin()}, {"without", none}} {
		b.Run(run.name, func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			for b.Loop() {
				cfg := Config{Mode: Report, Workers: 1, Rules: run.set}
				if _, err := Run(context.Background(), []Log{{Name: "-", Stdin: strings.NewReader(text.String())}}, cfg, discarded{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
