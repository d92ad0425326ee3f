package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"why401/detectors"
)

// kept is a sink that remembers.
type kept struct {
	findings []string
	out      bytes.Buffer
	flushed  int
}

func (k *kept) Finding(f detectors.Finding) error {
	b, err := json.Marshal(f)
	k.findings = append(k.findings, string(b))
	return err
}

func (k *kept) Write(p []byte) (int, error) { return k.out.Write(p) }
func (k *kept) Flush() error                { k.flushed++; return nil }

// jwt is a synthetic token, put together so that no scanner stumbles on it.
func jwt(n int) string {
	return "ey" + "JhbGciOiJIUzI1NiJ9" + "." + "ey" + fmt.Sprintf("JzdWIiOiJ1c2VyJTA0ZCJ9%04d", n) + "." + strings.Repeat("sIgn4tUr3x", 4)
}

// afternoon writes the logs of an edge and of an application behind it, with
// causes, a campaign, leaks, stack traces, wrapped and unreadable lines.
func afternoon(seed uint64) (edge, app string) {
	e, a := moments(seed)
	return strings.Join(e, ""), strings.Join(a, "")
}

// moments is what each log says of each moment of an afternoon.
func moments(seed uint64) (edge, app []string) {
	rng := rand.New(rand.NewPCG(seed, 401))
	start := time.Date(2026, 5, 11, 14, 0, 0, 0, time.UTC)
	for i := range 1500 {
		var e, a strings.Builder
		at := start.Add(time.Duration(i) * 1700 * time.Millisecond)
		client := fmt.Sprintf("198.51.100.%d", rng.IntN(60))
		id := fmt.Sprintf("%016x", rng.Uint64())
		status, reason := 200, ""
		switch rng.IntN(12) {
		case 0:
			status, reason = 401, "token is expired"
		case 1:
			status, reason = 401, "authorization header missing"
		case 2:
			status, reason = 401, "token has invalid audience"
		}
		if i > 700 && i < 900 {
			client, status, reason = "203.0.113.77", 401, "invalid password"
		}
		fmt.Fprintf(&e, `{"time":%q,"remote_addr":%q,"request_method":"GET","uri":"/api/orders/%d","status":%d,"request_id":%q,"auth_scheme":"Bearer","http_user_agent":"okhttp/4.12.0"}`+"\n",
			at.Format(time.RFC3339Nano), client, i%40, status, id)
		at = at.Add(3 * time.Millisecond)
		switch {
		case reason != "" && i%5 == 0:
			fmt.Fprintf(&a, "%s ERROR [worker-3] com.example.Auth - request %s refused\njava.lang.IllegalStateException: %s\n\tat com.example.Auth.check(Auth.java:41)\n\tat com.example.Main.run(Main.java:7)\n",
				at.Format("2006-01-02 15:04:05,000"), id, reason)
		case reason != "":
			fmt.Fprintf(&a, `{"time":%q,"level":"WARN","msg":"refused","request_id":%q,"remote_addr":%q,"path":"/api/orders/%d","status":401,"error":%q}`+"\n",
				at.Format(time.RFC3339Nano), id, client, i%40, reason)
		case i%50 == 7:
			fmt.Fprintf(&a, "%s DEBUG headers: map[Authorization:[Bearer %s]]\n", at.Format(time.RFC3339Nano), jwt(i))
		case i%97 == 3:
			fmt.Fprintf(&a, "%s DEBUG request dump\n  authorization: Bearer %s\n", at.Format(time.RFC3339Nano), jwt(i))
		case i%31 == 3:
			a.WriteString("\x1b[31m ??? nothing that anybody can read " + strings.Repeat("~", rng.IntN(3000)) + "\n")
		}
		edge, app = append(edge, e.String()), append(app, a.String())
	}
	return edge, app
}

// What a run finds depends neither on the size of blocks, nor on the number of
// workers, nor on the order in which the files are named.
func TestFindingsDependOnTheLogsAlone(t *testing.T) {
	dir := t.TempDir()
	edge, app := afternoon(1)
	var names []string
	for name, text := range map[string]string{"edge.log": edge, "app.log": app, "empty.log": ""} {
		names = append(names, filepath.Join(dir, name))
		if err := os.WriteFile(names[len(names)-1], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(names)
	for _, mode := range []Mode{Report, Check, Parse, Explain, Redact} {
		var want *kept
		var wantStats string
		for _, block := range []int{256 << 10, 1, 333, 4 << 10, 70 << 10} {
			for _, workers := range []int{1, 2, 5} {
				files := slices.Clone(names)
				if mode == Report && workers == 2 {
					slices.Reverse(files)
				}
				logs, skipped := Open(files, nil)
				if len(skipped) > 0 {
					t.Fatal(skipped)
				}
				got := &kept{}
				stats, err := Run(context.Background(), logs, Config{Mode: mode, Workers: workers, Block: block}, got)
				if err != nil {
					t.Fatal(err)
				}
				stats.Elapsed = 0
				gotStats, _ := json.Marshal(stats)
				if want == nil {
					want, wantStats = got, string(gotStats)
					if len(got.findings)+got.out.Len() == 0 {
						t.Fatalf("mode %d: nothing comes out", mode)
					}
					if mode == Report {
						for _, kind := range []string{`"cause":"expired_token"`, `"type":"leak"`, `"type":"spike"`} {
							if !strings.Contains(strings.Join(got.findings, "\n"), kind) {
								t.Errorf("no finding with %s: this test shows nothing about them", kind)
							}
						}
					}
					continue
				}
				if d := firstDifference(got.findings, want.findings); d != "" {
					t.Fatalf("mode %d, blocks of %d, %d workers: %s", mode, block, workers, d)
				}
				if d := firstDifference(strings.Split(got.out.String(), "\n"), strings.Split(want.out.String(), "\n")); d != "" {
					t.Fatalf("mode %d, blocks of %d, %d workers: %s", mode, block, workers, d)
				}
				if string(gotStats) != wantStats {
					t.Fatalf("mode %d, blocks of %d, %d workers: counts\n%s, want\n%s", mode, block, workers, gotStats, wantStats)
				}
			}
		}
	}
}

func firstDifference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("result %d is\n%s, want\n%s", i, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		return fmt.Sprintf("%d results, want %d", len(got), len(want))
	}
	return ""
}

// Logs that lie beside each other in time reach the trackers in the order of
// their times, though they are read one block at a time.
func TestFilesAreMergedByEventTime(t *testing.T) {
	dir := t.TempDir()
	edge, _ := afternoon(2)
	lines := strings.SplitAfter(edge, "\n")
	parts := []string{"c.log", "a.log", "b.log"}
	for i, name := range parts { // every third line, so that all three are needed all the time
		var text strings.Builder
		for j := i; j < len(lines); j += 3 {
			text.WriteString(lines[j])
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	logs, _ := Open([]string{dir}, nil)
	o := &order{t: t}
	m := run(t, logs, o)
	if o.n != m {
		t.Errorf("the tracker saw %d attempts of %d", o.n, m)
	}
}

// run merges logs into tracker and returns the number of records.
func run(t *testing.T, logs []Log, tracker detectors.Tracker) int {
	t.Helper()
	stats, err := runWith(context.Background(), logs, Config{Block: 2000}, &kept{}, func(*Config) detectors.Tracker { return tracker })
	if err != nil {
		t.Fatal(err)
	}
	return int(stats.Totals().Records)
}

type order struct {
	t    *testing.T
	n    int
	last int64
}

func (o *order) Observe(a *detectors.Attempt, _ func(detectors.Finding)) {
	if a.Time < o.last {
		o.t.Errorf("attempt %d comes %s late", o.n, time.Duration(o.last-a.Time))
	}
	o.n, o.last = o.n+1, a.Time
}
func (o *order) Tick(int64, func(detectors.Finding)) {}
func (o *order) Due() int64                          { return math.MaxInt64 }
func (o *order) Flush(func(detectors.Finding))       {}

func TestCancelledRunEndsWithWhatIsKnown(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r := &blocking{text: strings.NewReader(strings.Repeat(`192.0.2.1 - - [11/May/2026:09:00:00 +0000] "GET / HTTP/1.1" 401 1 "-" "x"`+"\n", 5000)), reached: cancel}
	got := &kept{}
	if _, err := Run(ctx, []Log{{Name: "-", Stdin: r}}, Config{}, got); err != nil {
		t.Fatal(err)
	}
	if got.flushed != 1 {
		t.Errorf("flushed %d times", got.flushed)
	}
}

// blocking never ends: once its text is read it says so and waits for ever.
type blocking struct {
	text    *strings.Reader
	reached func()
}

func (b *blocking) Read(p []byte) (int, error) {
	if b.text.Len() == 0 {
		b.reached()
		select {}
	}
	return b.text.Read(p)
}

func TestOneBadFileDoesNotStopTheOthers(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.log"), filepath.Join(dir, "bad.log.gz")
	text := `192.0.2.1 - - [11/May/2026:09:00:00 +0000] "GET / HTTP/1.1" 401 1 "-" "x"` + "\n"
	data := gzipped(t, strings.Repeat(text, 1000))
	if err := os.WriteFile(good, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bad, data[:len(data)-30], 0o600); err != nil {
		t.Fatal(err)
	}
	stats, err := Run(context.Background(), []Log{{Name: bad}, {Name: good}, {Name: filepath.Join(dir, "gone.log")}}, Config{}, &kept{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range stats.Files {
		if wantErr := !strings.HasSuffix(f.Name, "good.log"); (f.Err != nil) != wantErr {
			t.Errorf("%s: error %v", f.Name, f.Err)
		}
		if strings.HasSuffix(f.Name, "good.log") && f.Records != 1 {
			t.Errorf("%s: %d records", f.Name, f.Records)
		}
	}
}

// What comes by a pipe goes out before the pipe's next word.
func TestRedactDoesNotHoldLinesBack(t *testing.T) {
	r, w := io.Pipe()
	got := &lines{came: make(chan string, 10)}
	ended := make(chan error)
	go func() {
		_, err := Run(context.Background(), []Log{{Name: "-", Stdin: r}}, Config{Mode: Redact}, got)
		ended <- err
	}()
	for _, line := range []string{"first\n", "second\n"} {
		if _, err := io.WriteString(w, line); err != nil {
			t.Fatal(err)
		}
		if came := <-got.came; came != line { // waits: the next line is not written before
			t.Fatalf("%q came, want %q", came, line)
		}
	}
	w.Close()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// lines is a sink that hands on what was written when it is flushed.
type lines struct {
	kept
	came chan string
}

func (l *lines) Flush() error {
	if l.out.Len() > 0 {
		l.came <- l.out.String()
		l.out.Reset()
	}
	return nil
}
