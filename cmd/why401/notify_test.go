//go:build unix

package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A service manager hears when following starts, that it goes on, and that it ends.
func TestServiceManager(t *testing.T) {
	dir, err := os.MkdirTemp("", "n") // the names of sockets are short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	socket := filepath.Join(dir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", "20000")
	appendTo(t, filepath.Join(dir, "app.log"), "")
	l := startLive(t, dir, "tail", "app.log")
	hear := func() string {
		buf := make([]byte, 100)
		if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
	for _, want := range []string{"READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"} {
		if got := hear(); got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
	l.end(syscall.SIGTERM)
	last := ""
	for last = hear(); last == "WATCHDOG=1"; last = hear() {
	}
	if !strings.HasPrefix(last, "STOPPING=1") {
		t.Errorf("the last word was %q", last)
	}
}
