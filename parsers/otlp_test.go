package parsers

import "testing"

// A line of OpenTelemetry that is cut anywhere, or broken, is read as far as it
// goes.
func TestOTLPBroken(t *testing.T) {
	whole := `{"resourceLogs":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"a"}}]},"scopeLogs":[{"logRecords":[` +
		`{"timeUnixNano":"1795306351500000000","body":{"stringValue":"token is expired"},"attributes":[{"key":"n","value":{"intValue":"401"}}]}]}]}]}`
	broken := []string{
		`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":}]}]}]}`,
		`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{},"attributes":5}]}]}]}`,
		`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":}}]}]}]}`,
		`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"a","value":[]},{"key":5},{"value":{}}]}]}]}]}`,
	}
	for i := range whole {
		broken = append(broken, whole[:i])
	}
	for _, line := range broken {
		records := readAll(NewReader(Options{}), sampleBlock([]byte(line+"\n")))
		if len(records) == 0 && line != "" {
			t.Errorf("%s: no record", line)
		}
	}
}
