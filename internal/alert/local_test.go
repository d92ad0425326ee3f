//go:build unix

package alert

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"why401/detectors"
)

// TestJournald sends to a socket of its own and reads the fields.
func TestJournald(t *testing.T) {
	dir, err := os.MkdirTemp("", "j") // the names of sockets are short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	j := &Journald{filepath.Join(dir, "socket")}
	if err := j.Send(t.Context(), sample); err == nil {
		t.Error("sent to nobody")
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: j.socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := j.Send(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 64<<10)
	n, err := conn.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	text := string(buf[:n])
	for _, want := range []string{"PRIORITY=2\n", "WHY401_KIND=credential_stuffing\n", "WHY401_STEP=opened\n", "WHY401_FINDING={", "MESSAGE=credential stuffing, 1 taken over: "} {
		if !strings.Contains("\n"+text, "\n"+want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Errorf("an escape code got through: %q", text)
	}
}

func TestAppendField(t *testing.T) {
	if got, want := string(appendField(nil, "A", "x\ny")), "A\n\x03\x00\x00\x00\x00\x00\x00\x00x\ny\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSyslog sends over UDP and reads the message.
func TestSyslog(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s, err := NewSyslog("udp://" + conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	long := spike("long", "opened", 1)
	for range 2000 {
		long.SourceIPs = append(long.SourceIPs, "192.0.2.77")
	}
	for _, a := range []*Alert{sample, newAlert(long, sample.Raised)} {
		if err := s.Send(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 64<<10)
		n, _, err := conn.ReadFrom(buf)
		if err != nil {
			t.Fatal(err)
		}
		head, body, _ := strings.Cut(string(buf[:n]), "]: ")
		if !strings.HasPrefix(head, "<8") || !strings.Contains(head, "why401[") { // authpriv is facility 10
			t.Errorf("the head is %q", head)
		}
		if a == sample && !json.Valid([]byte(body)) || a != sample && !strings.HasPrefix(body, "brute force: many tries") {
			t.Errorf("the message is %.80q", body)
		}
	}
	for _, where := range []string{"", "remote", "udp://host", "http://host:1", "tcp://u:p@host:1", "udp://host:1/x"} {
		if _, err := NewSyslog(where); err == nil {
			t.Errorf("%q is taken", where)
		}
	}
}

func TestMessageOfCause(t *testing.T) {
	m, err := newAlert(&detectors.CauseFinding{Type: "cause", Cause: "expired_token", File: "a.log", Line: 3, SourceIP: "192.0.2.7", Method: "GET", Path: "/a"}, sample.Raised).message()
	if err != nil || m.Title != "request refused: expired token" || m.Text != "192.0.2.7 GET /a (a.log:3)" || m.Severity != "low" || !m.Time.Equal(sample.Raised) {
		t.Errorf("got %+v, %v", m, err)
	}
}
