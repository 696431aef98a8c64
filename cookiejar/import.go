package cookiejar

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// ErrInvalid reports a cookie that a jar does not take.
var ErrInvalid = errors.New("invalid cookie")

// Import adds cookies that were taken from a jar before. They are checked again, since a file may have been edited;
// what has expired at now is left out. At the first error, which wraps ErrInvalid and shows no value, nothing is added.
func (j *Jar) Import(cookies []Cookie, now time.Time) error {
	checked := make([]*Cookie, 0, len(cookies))
	for i, c := range cookies {
		if err := j.check(&c); err != nil {
			return fmt.Errorf("cookiejar: cookie %d (%q): %w: %w", i+1, c.Name, ErrInvalid, err)
		}
		if !c.expired(now) {
			checked = append(checked, &c)
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range checked {
		j.put(c)
	}
	j.bound(now)
	return nil
}

// check holds a cookie against what Receive would have let in.
func (j *Jar) check(c *Cookie) error {
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
	if !c.HostOnly && (isIP(c.Domain) || j.isPublicSuffix(c.Domain)) {
		return fmt.Errorf("domain: %s takes cookies for itself alone (host_only)", c.Domain)
	}
	name := strings.ToLower(c.Name)
	switch {
	case strings.HasPrefix(name, "__secure-") && !c.Secure:
		return errors.New("__Secure- without secure")
	case strings.HasPrefix(name, "__host-") && (!c.Secure || !c.HostOnly || c.Path != "/"):
		return errors.New("__Host- without secure, host_only and path /")
	}
	switch c.SameSite {
	case "", "Strict", "Lax", "None":
		return nil
	}
	return fmt.Errorf("same_site: want Strict, Lax or None, got %q", c.SameSite)
}

// hostInURL is a host as it stands in a URL: an IPv6 address in brackets.
func hostInURL(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}
