//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A live run is why401 following something, as its user sees it.
type live struct {
	*testing.T
	cmd      *exec.Cmd
	out, err chan string // lines; closed at the end
}

func startLive(t *testing.T, dir string, args ...string) *live {
	t.Helper()
	l := &live{T: t, cmd: exec.Command("why401", args...), out: make(chan string, 10_000), err: make(chan string, 10_000)}
	l.cmd.Dir = dir
	l.cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+dir)
	stdout, err := l.cmd.StdoutPipe()
	l.must(err)
	stderr, err := l.cmd.StderrPipe()
	l.must(err)
	l.must(l.cmd.Start())
	t.Cleanup(func() { _ = l.cmd.Process.Kill() })
	lines := func(r io.Reader, to chan<- string) {
		for s := bufio.NewScanner(r); s.Scan(); {
			to <- s.Text()
		}
		close(to)
	}
	go lines(stdout, l.out)
	go lines(stderr, l.err)
	return l
}

func (l *live) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// wait returns the next line of from that holds all words.
func (l *live) wait(from <-chan string, words ...string) string {
	l.Helper()
	end := time.After(20 * time.Second)
	var others []string
next:
	for {
		select {
		case line, ok := <-from:
			if !ok {
				l.Fatalf("ended without a line that says %q, but with %q", words, others)
			}
			others = append(others, line)
			for _, w := range words {
				if !strings.Contains(line, w) {
					continue next
				}
			}
			return line
		case <-end:
			l.Fatalf("waited in vain for a line that says %q; got %q", words, others)
		}
	}
}

func (l *live) signal(s syscall.Signal) {
	l.Helper()
	l.must(l.cmd.Process.Signal(s))
}

// end sends a signal, after which why401 has two seconds, and returns what it had
// still to say.
func (l *live) end(s syscall.Signal) (out []string) {
	l.Helper()
	late := time.AfterFunc(2*time.Second, func() { _ = l.cmd.Process.Kill() })
	l.signal(s)
	for line := range l.out {
		out = append(out, line)
	}
	for line := range l.err {
		l.Logf("said: %s", line)
	}
	if err := l.cmd.Wait(); err != nil || !late.Stop() {
		l.Fatalf("after %v: %v", s, err)
	}
	return out
}

func appendTo(t *testing.T, name, text string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = f.WriteString(text)
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func request(path string, status int) string {
	return fmt.Sprintf("192.0.2.7 - - [11/May/2026:09:00:00 +0000] \"GET %s HTTP/1.1\" %d 5 \"-\" \"probe/1.0\"\n", path, status)
}

// Signals end a run within two seconds, with a checkpoint that covers all that was
// written out.
func TestSignalsEndWithACheckpoint(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "access.log")
	n := 0
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		l := startLive(t, dir, "parse", "--follow", "--state", "state", "access.log")
		for range 3 {
			for range 100 {
				n++
				appendTo(t, log, request(fmt.Sprintf("/n/%d", n), 200))
			}
			l.wait(l.out, fmt.Sprintf(`"/n/%d"`, n))
		}
		if rest := l.end(s); len(rest) > 0 {
			t.Errorf("%v: %d lines more than were written", s, len(rest))
		}
	}
	n++
	appendTo(t, log, request(fmt.Sprintf("/n/%d", n), 200))
	l := startLive(t, dir, "parse", "--follow", "--state", "state", "access.log")
	if first := l.wait(l.out); !strings.Contains(first, fmt.Sprintf(`"/n/%d"`, n)) {
		t.Errorf("goes on with %s, want line %d", first, n)
	}
	l.end(syscall.SIGTERM)
}

// Results that wait for others are told when a run ends.
func TestSignalsEndWithWhatIsKnown(t *testing.T) {
	dir := t.TempDir()
	l := startLive(t, dir, "tail", "--from-start", "--state", "state", "--format", "jsonl", "app.log")
	appendTo(t, filepath.Join(dir, "app.log"), request("/a", 401)+
		"2026-05-11T09:00:02Z ERROR called with api_key="+synthetic["APIKEY"]+"\n")
	l.wait(l.out, `"type":"leak"`)
	if rest := strings.Join(l.end(syscall.SIGTERM), "\n"); !strings.Contains(rest, `"type":"cause"`) || !strings.Contains(rest, `"type":"summary"`) {
		t.Errorf("ended with %s", rest)
	}
}

// A run that is killed loses no finding that waited for what may explain it.
func TestKilledWhileACauseWaits(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "access.log")
	args := []string{"tail", "--from-start", "--state", "state", "--format", "jsonl", "access.log"}
	l := startLive(t, dir, args...)
	leaks := func(n int) {
		for range n {
			appendTo(t, log, request("/a?api_key="+synthetic["APIKEY"], 200))
			l.wait(l.out, `"type":"leak"`)
		}
	}
	leaks(20) // a checkpoint is written meanwhile
	appendTo(t, log, request("/refused", 401))
	leaks(40)
	l.must(l.cmd.Process.Kill())
	_ = l.cmd.Wait()
	l = startLive(t, dir, args...)
	leaks(1)
	if out := strings.Join(l.end(syscall.SIGTERM), "\n"); !strings.Contains(out, `"path":"/refused"`) {
		t.Errorf("the refusal is lost: %s", out)
	}
}

// SIGHUP lets a run read its settings again, or keep the old ones.
func TestHangupReadsSettingsAgain(t *testing.T) {
	dir := t.TempDir()
	config, log := filepath.Join(dir, "settings.yaml"), filepath.Join(dir, "access.log")
	choose := func(text string) {
		t.Helper()
		if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	choose("status: [401]\n")
	l := startLive(t, dir, "parse", "--follow", "--config", config, "access.log")
	appendTo(t, log, request("/one", 200)+request("/two", 401))
	if first := l.wait(l.out); !strings.Contains(first, "/two") {
		t.Errorf("first came %s", first)
	}
	choose("status: [200]\n")
	l.signal(syscall.SIGHUP)
	l.wait(l.err, "read rules and settings again")
	appendTo(t, log, request("/three", 401)+request("/four", 200))
	if next := l.wait(l.out); !strings.Contains(next, "/four") {
		t.Errorf("after SIGHUP came %s", next)
	}
	choose("status: [nonsense]\n")
	l.signal(syscall.SIGHUP)
	l.wait(l.err, "nonsense")
	l.wait(l.err, "as they were")
	appendTo(t, log, request("/five", 401)+request("/six", 200))
	if next := l.wait(l.out); !strings.Contains(next, "/six") {
		t.Errorf("after settings that can't be read came %s", next)
	}
	l.end(syscall.SIGTERM)
}

func TestHangupReadsRulesAgain(t *testing.T) {
	dir := t.TempDir()
	rule := func(word string) {
		t.Helper()
		text := fmt.Sprintf("id: revoked_token\nrules:\n  - id: %s\n    detection: {event.reason|contains: the token was %s}\n    examples:\n"+
			"      - '{\"level\":\"warn\",\"msg\":\"the token was %s\",\"status\":401}'\n", word, word, word)
		if err := os.WriteFile(filepath.Join(dir, "own.yaml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	log := filepath.Join(dir, "app.log")
	refusal := func(word, path string) string {
		return fmt.Sprintf("{\"time\":\"2026-05-11T09:00:01Z\",\"level\":\"warn\",\"msg\":\"the token was %s\",\"key\":\"api_key=%s\",\"path\":%q,\"status\":401}\n", word, synthetic["APIKEY"], path)
	}
	rule("frobbed")
	l := startLive(t, dir, "tail", "--from-start", "--rules", "own.yaml", "--format", "jsonl", "app.log")
	appendTo(t, log, refusal("frobbed", "/one"))
	l.wait(l.out, `"rule":"revoked_token/frobbed"`)
	rule("zapped")
	l.signal(syscall.SIGHUP)
	l.wait(l.err, "read rules and settings again")
	appendTo(t, log, refusal("zapped", "/two"))
	l.wait(l.out, `"rule":"revoked_token/zapped"`)
	if err := os.WriteFile(filepath.Join(dir, "own.yaml"), []byte("id: [\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	l.signal(syscall.SIGHUP)
	l.wait(l.err, "own.yaml")
	l.wait(l.err, "as they were")
	appendTo(t, log, refusal("zapped", "/three"))
	l.wait(l.out, `"path":"/three"`, `"rule":"revoked_token/zapped"`)
	l.end(syscall.SIGTERM)
}
