//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReportKilled kills a report in the middle of its work. The next one, after the
// log was rotated and written to, tells each line once, and the killed one told none.
func TestReportKilled(t *testing.T) {
	self, err := os.Executable()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(err)
	dir := t.TempDir()
	binary := filepath.Join(t.TempDir(), "why401")
	check(os.Symlink(self, binary))
	lines := 0
	write := func(name string, n int) {
		t.Helper()
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		check(err)
		for range n {
			_, err = fmt.Fprintf(f, `{"time":"2026-03-12T12:%02d:%02dZ","level":"warn","msg":"token is expired","status":401,"remote_ip":"192.0.2.%d","path":"/n%d"}`+"\n", lines/60, lines%60, lines%200, lines)
			check(err)
			lines++
		}
		check(f.Close())
	}
	var told bytes.Buffer
	report := func(logs ...string) *exec.Cmd {
		cmd := exec.Command(binary, append([]string{"report", "--state", "state", "--format", "jsonl"}, logs...)...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &told, os.Stderr
		return cmd
	}
	write("app.log", 100)
	check(report("app.log").Run())

	write("app.log", 20)
	check(syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	pipe, err := os.OpenFile(filepath.Join(dir, "pipe"), os.O_RDWR, 0)
	check(err)
	defer pipe.Close()
	cmd := report("app.log", "pipe")
	check(cmd.Start())
	_, err = pipe.WriteString(strings.Repeat("2026-03-12T13:00:00Z INFO nothing much\n", 100_000)) // far more than a pipe holds: it is being read
	check(err)
	check(cmd.Process.Kill())
	_ = cmd.Wait() // it was killed

	check(os.Rename(filepath.Join(dir, "app.log"), filepath.Join(dir, "app.log.1")))
	write("app.log", 30)
	check(report("app.log").Run())
	check(report("app.log").Run())
	for i := range lines {
		if n := strings.Count(told.String(), fmt.Sprintf(`"path":"/n%d"`, i)); n != 1 {
			t.Errorf("line %d was told %d times", i+1, n)
		}
	}
}
