package cookiejar

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// ErrInvalid reports a cookie that a jar does not take.
var ErrInvalid = errors.New("invalid cookie")

// Import adds cookies that were taken from a jar before, in their order. They are checked again, since a file may have
// been edited; what has expired at now is left out. A domain under which others register names by now is narrowed to that
// host alone, as the list of such domains grows and must not make old files unreadable. At the first error, which wraps
// ErrInvalid and shows no value, nothing is added.
func (j *Jar) Import(cookies []Cookie, now time.Time) error {
	checked := make([]*Cookie, 0, len(cookies))
	for i, c := range cookies {
		if err := check(&c); err != nil {
			return fmt.Errorf("cookiejar: cookie %d (%q): %w: %w", i+1, c.Name, ErrInvalid, err)
		}
		if isIP(c.Domain) || j.isPublicSuffix(c.Domain) {
			c.HostOnly = true
		}
		if c.LastAccess.IsZero() {
			c.LastAccess = c.Updated
		}
		if !c.expired(now) {
			checked = append(checked, &c)
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range checked {
		j.put(c, now)
	}
	return nil
}

// check holds a cookie against what Receive would have let in.
func check(c *Cookie) error {
	value := c.Value.Reveal()
	bad := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
	switch {
	case c.Name == "" && value == "":
		return errors.New("neither a name nor a value")
	case strings.ContainsFunc(c.Name+value+c.Path, bad), strings.ContainsAny(c.Name, "=;"), strings.Contains(value, ";"), strings.Contains(c.Path, ";"):
		return errors.New("a character that would end it")
	case len(c.Name)+len(value) > maxPair:
		return fmt.Errorf("name and value are longer than %d bytes", maxPair)
	case !strings.HasPrefix(c.Path, "/"):
		return fmt.Errorf("path: want one that begins with /, got %q", c.Path)
	}
	if host, ok := canonicalHost(&url.URL{Host: hostInURL(c.Domain)}); !ok || host != c.Domain {
		return fmt.Errorf("domain: want a host in lower case without a leading dot, got %q", c.Domain)
	}
	switch c.SameSite {
	case "", "Strict", "Lax", "None":
	default:
		return fmt.Errorf("same_site: want Strict, Lax or None, got %q", c.SameSite)
	}
	switch {
	case !c.Secure && c.SameSite == "None":
		return errors.New("same_site: None needs secure")
	case !c.Secure && c.Partition != "":
		return errors.New("partition: it needs secure")
	case c.Name == "" && hasPrefix(value):
		return errors.New("no name, and a value that reads like a name with a prefix")
	case !c.Secure && hasPrefix(c.Name):
		return errors.New("a __Host- or __Secure- name needs secure")
	case strings.HasPrefix(strings.ToLower(cmp.Or(c.Name, value)), "__host-") && (!c.HostOnly || c.Path != "/"):
		return errors.New("a __Host- name needs host_only and path /")
	}
	return nil
}
