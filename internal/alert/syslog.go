//go:build unix

package alert

import (
	"context"
	"fmt"
	"log/syslog"
	"net/url"
)

// maxSyslog bounds a message: what is longer than a datagram is sent in words.
const maxSyslog = 8 << 10

// A Syslog sends alerts to a syslog server or to this machine's.
type Syslog struct {
	network, address string // "" for this machine's
	w                *syslog.Writer
}

// NewSyslog reads where to send to: local, udp://HOST:PORT or tcp://HOST:PORT.
func NewSyslog(where string) (*Syslog, error) {
	if where == "local" {
		return &Syslog{}, nil
	}
	u, err := url.Parse(where)
	if err != nil || u.Scheme != "udp" && u.Scheme != "tcp" || u.Port() == "" || u.Path != "" || u.User != nil {
		return nil, fmt.Errorf("%q is neither local nor udp://HOST:PORT nor tcp://HOST:PORT", where)
	}
	return &Syslog{network: u.Scheme, address: u.Host}, nil
}

// Name implements Target.
func (s *Syslog) Name() string {
	if s.network == "" {
		return "syslog"
	}
	return "syslog " + s.address
}

// Send implements Target.
func (s *Syslog) Send(_ context.Context, a *Alert) error {
	m, err := a.message()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if s.w == nil {
		if s.w, err = syslog.Dial(s.network, s.address, syslog.LOG_AUTHPRIV, "why401"); err != nil {
			return err
		}
	}
	write := s.w.Notice
	switch m.Severity {
	case "critical":
		write = s.w.Crit
	case "high":
		write = s.w.Err
	case "medium":
		write = s.w.Warning
	}
	text := string(a.Finding)
	if len(text) > maxSyslog {
		text = m.Title + ": " + m.Text
	}
	return write(text[:min(len(text), maxSyslog)])
}
