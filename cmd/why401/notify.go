package main

import (
	"net"
	"os"
	"strconv"
	"time"
)

// A manager is the service manager that started this process, as sd_notify(3) and
// sd_watchdog_enabled(3) describe. Without one nothing is told.
type manager struct {
	conn net.Conn
	ping time.Duration // how often it wants to hear that all is well, 0 for never
}

// findManager finds the manager by its variables and takes them away, so that
// programs that are run don't answer for this one.
func findManager() *manager {
	m := &manager{}
	socket := os.Getenv("NOTIFY_SOCKET")
	usec, _ := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	pid := os.Getenv("WATCHDOG_PID")
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
		_ = os.Unsetenv(name)
	}
	if socket == "" {
		return m
	}
	var err error
	if m.conn, err = net.Dial("unixgram", socket); err != nil { // @ is for the abstract namespace there, too
		m.conn = nil
		return m
	}
	if pid == "" || pid == strconv.Itoa(os.Getpid()) {
		m.ping = time.Duration(usec) * time.Microsecond / 2
	}
	return m
}

func (m *manager) tell(state string) {
	if m.conn != nil {
		_, _ = m.conn.Write([]byte(state))
	}
}
