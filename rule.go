package larder

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// Rule gives Terms to the URLs that it matches. It names them by one of two patterns, which match the whole of the URL in the
// form in which it is a key: without fragment and userinfo, scheme and host in lower case.
type Rule struct {
	URL    string         // a glob: * stands for any text, ? for one character
	Regexp *regexp.Regexp // matches anywhere, unless it says ^ and $
	Terms  Terms
}

func (r *Rule) matches(url string) bool {
	if r.Regexp != nil {
		return r.Regexp.MatchString(url)
	}
	return globMatch(r.URL, url)
}

// checkOptions reports what no options may say.
func checkOptions(o *Options) error {
	if o.Mode > Shared {
		return fmt.Errorf("larder: Options.Mode: no such mode: %d", o.Mode)
	}
	if err := o.Terms.check(); err != nil {
		return fmt.Errorf("larder: Options.Terms: %w", err)
	}
	if o.Terms.Store == On {
		return errors.New("larder: Options.Terms: Store: On would store whatever any origin forbids: name the URLs in a Rule")
	}
	for i, r := range o.Rules {
		err := r.Terms.check()
		switch {
		case (r.URL == "") == (r.Regexp == nil):
			err = errors.New("want a URL pattern or a Regexp, and not both")
		case r.Regexp == nil && !strings.HasPrefix(r.URL, "*") && !strings.Contains(r.URL, "://"):
			err = fmt.Errorf("URL %q would match nothing: it names the whole URL, as in https://example.com/*, or begins with *", r.URL)
		case r.Regexp == nil && r.Terms.Store == On && (r.URL == "*" || r.URL == "*://*"):
			err = errors.New("every URL with Store: On would store whatever any origin forbids")
		}
		if err != nil {
			return fmt.Errorf("larder: Options.Rules[%d]: %w", i, err)
		}
	}
	return nil
}

// termsFor are the terms of a request: its own, else those of the first rule that matches, else those of the options.
func (c *Cache) termsFor(own Terms, u *url.URL) Terms {
	if len(c.opts.Rules) > 0 {
		target := normalURL(u)
		for i := range c.opts.Rules {
			if r := &c.opts.Rules[i]; r.matches(target) {
				own = own.over(r.Terms)
				break
			}
		}
	}
	return own.over(c.opts.Terms)
}
