//go:build !unix

package alert

import (
	"context"
	"errors"
)

// A Syslog is for Unix alone.
type Syslog struct{}

var errNoSyslog = errors.New("this system has no syslog")

// NewSyslog returns an error.
func NewSyslog(string) (*Syslog, error) { return nil, errNoSyslog }

// Name implements Target.
func (*Syslog) Name() string { return "syslog" }

// Send implements Target.
func (*Syslog) Send(context.Context, *Alert) error { return errNoSyslog }
