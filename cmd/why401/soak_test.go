//go:build realserver && linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A million lines at 20,000 a second, with a rotation every two seconds: every
// line comes once, and memory and descriptors stay where they are. SOAK_LINES sets
// another number of lines.
func TestSoak(t *testing.T) {
	const rate, rotation = 20_000, 2 * time.Second
	lines := 1_000_000
	if s := os.Getenv("SOAK_LINES"); s != "" {
		var err error
		if lines, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	tool, log := filepath.Join(dir, "why401"), filepath.Join(dir, "access.log")
	build(t, ".", tool)
	w := create(t, log)
	cmd := exec.Command(tool, "parse", "--follow", "--state", filepath.Join(dir, "state"), log)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	read := make(chan seen, 1)
	progress := make(chan struct{}, 1)
	go func() { read <- countLines(bufio.NewReaderSize(out, 1<<20), lines, progress) }()

	use := usage{pid: cmd.Process.Pid}
	start := time.Now()
	turn := start.Add(rotation)
	var old *os.File // renamed, and written to until the next burst
	beat := time.NewTicker(10 * time.Millisecond)
	defer beat.Stop()
	var burst bytes.Buffer
	for n := 0; n < lines; <-beat.C {
		burst.Reset()
		for due := min(lines, int(time.Since(start).Seconds()*rate)); n < due; n++ {
			fmt.Fprintf(&burst, "192.0.2.%d - - [11/May/2026:09:%02d:%02d +0000] \"GET /seq/%d HTTP/1.1\" 401 12 \"-\" \"probe/1.0\"\n", n%250, n/60%60, n%60, n)
		}
		to := w
		if old != nil {
			to = old
		}
		if _, err := to.Write(burst.Bytes()); err != nil {
			t.Fatal(err)
		}
		if old != nil {
			old.Close()
			old = nil
		}
		if time.Now().After(turn) {
			turn = turn.Add(rotation)
			use.look(t)
			for i := 3; i > 0; i-- {
				from := log
				if i > 1 {
					from = log + "." + strconv.Itoa(i-1)
				}
				if err := os.Rename(from, log+"."+strconv.Itoa(i)); err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Fatal(err)
				}
			}
			old, w = w, create(t, log)
		}
	}
	w.Close()
	wrote := time.Since(start)
	for quiet := false; !quiet; { // until nothing comes any more
		select {
		case <-progress:
		case <-time.After(5 * time.Second):
			quiet = true
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	got := <-read
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	t.Logf("%d lines in %v, %d lost, %d repeated; processor time %v", lines, wrote.Round(time.Second), got.lost, got.repeated,
		(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Round(time.Second/10))
	use.judge(t)
	if got.lost+got.repeated > 0 {
		t.Error("not every line came once")
	}
}

func create(t *testing.T, name string) *os.File {
	t.Helper()
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// seen is what became of numbered lines.
type seen struct{ lost, repeated int }

// countLines reads events whose path holds a number, up to the end, and pokes
// progress now and then.
func countLines(r *bufio.Reader, n int, progress chan<- struct{}) (s seen) {
	times := make([]uint8, n)
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			break
		}
		_, rest, _ := bytes.Cut(line, []byte("/seq/"))
		i := 0
		for ; i < len(rest) && rest[i]-'0' <= 9; i++ {
		}
		if k, err := strconv.Atoi(string(rest[:i])); err == nil && k < n && times[k] < 255 {
			times[k]++
		}
		select {
		case progress <- struct{}{}:
		default:
		}
	}
	for _, k := range times {
		switch {
		case k == 0:
			s.lost++
		case k > 1:
			s.repeated++
		}
	}
	return s
}

// usage is what a process holds, as it was looked at.
type usage struct {
	pid    int
	memory []int // KiB
	files  []int
}

func (u *usage) look(t *testing.T) {
	t.Helper()
	proc := "/proc/" + strconv.Itoa(u.pid)
	status, err := os.ReadFile(proc + "/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(proc + "/fd")
	if err != nil {
		t.Fatal(err)
	}
	u.memory, u.files = append(u.memory, kib), append(u.files, len(files))
}

// judge wants both flat: after half a minute, while files that were rotated away
// are still held open, they no longer grow.
func (u *usage) judge(t *testing.T) {
	t.Helper()
	for _, m := range []struct {
		name         string
		values       []int
		limit, slack int
	}{{"KiB of memory", u.memory, 128 << 10, 16 << 10}, {"descriptors", u.files, 64, 8}} {
		const settled = 18 // rotations
		early, late := 0, 0
		for i, v := range m.values {
			switch {
			case i < settled:
			case i < (len(m.values)+settled)/2:
				early = max(early, v)
			default:
				late = max(late, v)
			}
			if v > m.limit {
				t.Errorf("%d %s after %d rotations, more than %d", v, m.name, i, m.limit)
			}
		}
		t.Logf("%s: at most %d in the first half, %d in the second", m.name, early, late)
		if late > early+m.slack {
			t.Errorf("%s grow from %d to %d", m.name, early, late)
		}
	}
}
