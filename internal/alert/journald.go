package alert

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"strings"
)

// journalSocket is where journald takes entries (systemd, JOURNAL_NATIVE_PROTOCOL).
const journalSocket = "/run/systemd/journal/socket"

// maxField bounds one field: a datagram is refused above the socket's buffer. What
// is longer is left out.
const maxField = 64 << 10

// A Journald sends alerts to the journal, with fields of their own: WHY401_KIND,
// WHY401_STEP, WHY401_SEVERITY and WHY401_FINDING.
type Journald struct{ socket string }

// NewJournald returns a target for this machine's journal.
func NewJournald() *Journald { return &Journald{journalSocket} }

// Name implements Target.
func (*Journald) Name() string { return "journald" }

// Send implements Target.
func (j *Journald) Send(_ context.Context, a *Alert) error {
	m, err := a.message()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	priority := map[string]string{"critical": "2", "high": "3", "medium": "4"}[m.Severity]
	if priority == "" {
		priority = "5"
	}
	var b []byte
	for _, f := range [][2]string{
		{"MESSAGE", m.Title + ": " + m.Text}, {"PRIORITY", priority}, {"SYSLOG_IDENTIFIER", "why401"},
		{"WHY401_KIND", m.Kind}, {"WHY401_STEP", m.Step}, {"WHY401_SEVERITY", m.Severity}, {"WHY401_FINDING", string(a.Finding)},
	} {
		b = appendField(b, f[0], f[1])
	}
	conn, err := net.Dial("unixgram", j.socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Write(b)
	return err
}

// appendField appends one field; a value with newlines has its length before it.
func appendField(b []byte, name, value string) []byte {
	if value == "" || len(value) > maxField {
		return b
	}
	b = append(b, name...)
	if !strings.Contains(value, "\n") {
		b = append(b, '=')
		return append(append(b, value...), '\n')
	}
	b = append(b, '\n')
	b = binary.LittleEndian.AppendUint64(b, uint64(len(value)))
	return append(append(b, value...), '\n')
}
