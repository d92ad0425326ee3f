package serverconfig

import (
	"bytes"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"why401/parsers"
)

// isYAML tells what can be a configuration of Envoy or Istio.
func isYAML(name, text string) bool {
	switch filepath.Ext(name) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{")
}

// envoy finds text_format, inline_string and json_format of access logs, and Istio's
// accessLogFormat, in YAML or JSON
// (https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage).
func (c *config) envoy(name, text string) {
	dec := yaml.NewDecoder(strings.NewReader(text))
	for {
		var doc yaml.Node
		if err := dec.Decode(&doc); err != nil {
			return // the end, or what Envoy itself would refuse
		}
		c.envoyNode(name, &doc)
	}
}

func (c *config) envoyNode(name string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		for _, child := range n.Content {
			c.envoyNode(name, child)
		}
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch key.Value {
		case "text_format", "inline_string", "format", "accessLogFormat":
			if value.Kind == yaml.ScalarNode && strings.Contains(value.Value, "%") {
				c.envoyText(name, value)
				continue
			}
		case "json_format":
			if value.Kind == yaml.MappingNode {
				c.envoyKeys(at(name, key.Line), value)
				continue
			}
		}
		c.envoyNode(name, value)
	}
}

// envoyText takes a format string; Istio has that of an object as text too.
func (c *config) envoyText(name string, n *yaml.Node) {
	text := strings.TrimRight(n.Value, "\r\n")
	var doc yaml.Node
	if strings.HasPrefix(text, "{") && yaml.NewDecoder(bytes.NewReader([]byte(text))).Decode(&doc) == nil && len(doc.Content) == 1 {
		c.envoyKeys(at(name, n.Line), doc.Content[0])
		return
	}
	c.add("envoy", "log", at(name, n.Line), text)
}

func (c *config) envoyKeys(place string, n *yaml.Node) {
	var keys []parsers.Key
	var walk func(path string, n *yaml.Node)
	walk = func(path string, n *yaml.Node) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := path+n.Content[i].Value, n.Content[i+1]
			switch value.Kind {
			case yaml.ScalarNode:
				keys = append(keys, parsers.Key{Path: key, Field: value.Value})
			case yaml.MappingNode:
				walk(key+".", value)
			}
		}
	}
	walk("", n)
	p, err := parsers.CompileEnvoyJSON("envoy:json", keys)
	if err != nil {
		return // it logs nothing that we have a name for: format json reads it
	}
	c.keep(place, p, len(keys))
}
