//go:build unix

package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What a process that was killed had found out and not yet told is told by the
// next one, once.
func TestAlertsOutliveAKill(t *testing.T) {
	dir := t.TempDir()
	log, state := filepath.Join(dir, "app.log"), filepath.Join(dir, "state")
	free, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never answers
	if err != nil {
		t.Fatal(err)
	}
	url := filepath.Join(dir, "url")
	line := fmt.Sprintf("POST /login password=%s\n", synthetic["PASS"])
	appendTo(t, log, line)

	if err := os.WriteFile(url, []byte("http://"+free.Addr().String()+"/x"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := startLive(t, dir, "tail", "--from-start", "--state", state, "--webhook", "@"+url, log)
	l.wait(l.out, "app.log:1")
	if err := l.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = l.cmd.Wait()
	_ = free.Close()

	r := newReceiver()
	defer r.Close()
	// Queues are known by the host: the next run has to name the same.
	host := strings.NewReplacer(":", "_").Replace(free.Addr().String())
	old, fresh := filepath.Join(state, "alerts", "webhook_"+host+"-1"), filepath.Join(state, "alerts", "webhook_"+strings.ReplaceAll(strings.TrimPrefix(r.URL, "http://"), ":", "_")+"-1")
	if err := os.Rename(old, fresh); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(url, []byte(r.URL+"/x"), 0o600); err != nil {
		t.Fatal(err)
	}
	l = startLive(t, dir, "tail", "--from-start", "--state", state, "--webhook", "@"+url, log)
	appendTo(t, log, request("/", 200)+"later password="+synthetic["PASS"]+"\n")
	l.wait(l.out, "app.log:3")
	l.end(syscall.SIGTERM)
	if got := r.all(); strings.Count(got, "/x ") != 1 || !strings.Contains(got, `"line":1,`) {
		t.Errorf("got %s", got)
	}
}
