// Prints each value in each form that Go has: go run forms.go NAME…, the values in variables of these names.
package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"html/template"
	"net/url"
	"os"
	"strconv"
	"strings"
)

type form struct {
	name  string
	write func(string) string
}

func marshal(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func escapeXML(v string) string {
	var out strings.Builder
	if err := xml.EscapeText(&out, []byte(v)); err != nil {
		panic(err)
	}
	return out.String()
}

func main() {
	forms := []form{
		{"%s", func(v string) string { return v }},
		{"%q", func(v string) string { return fmt.Sprintf("%q", v) }},
		{"%+q", func(v string) string { return fmt.Sprintf("%+q", v) }},
		{"%#v", func(v string) string { return fmt.Sprintf("%#v", map[string]string{"key": v}) }},
		{"%x", func(v string) string { return fmt.Sprintf("%x", v) }},
		{"% X", func(v string) string { return fmt.Sprintf("% X", v) }},
		{"%v of bytes", func(v string) string { return fmt.Sprintf("%v", []byte(v)) }},
		{"%#v of bytes", func(v string) string { return fmt.Sprintf("%#v", []byte(v)) }},
		{"strconv.QuoteToASCII", strconv.QuoteToASCII},
		{"json.Marshal", func(v string) string { return marshal(map[string]string{"key": v}) }},
		{"json.Marshal of bytes", func(v string) string { return marshal([]byte(v)) }},
		{"json in json", func(v string) string { return marshal(marshal([]string{v})) }},
		{"url.QueryEscape", url.QueryEscape},
		{"url.PathEscape", url.PathEscape},
		{"url.UserPassword", func(v string) string { return url.UserPassword("u", v).String() }},
		{"html.EscapeString", html.EscapeString},
		{"template.JSEscapeString", template.JSEscapeString},
		{"xml.EscapeText", escapeXML},
		{"base64.StdEncoding", func(v string) string { return base64.StdEncoding.EncodeToString([]byte(v)) }},
		{"base64.RawURLEncoding", func(v string) string { return base64.RawURLEncoding.EncodeToString([]byte(v)) }},
		{"hex.Dump", func(v string) string { return hex.Dump([]byte(v)) }},
		{"%v of an error", func(v string) string { return fmt.Sprintf("%+v", errors.New("failed: "+v)) }},
	}
	for _, form := range forms {
		for _, name := range os.Args[1:] {
			fmt.Printf("\n@@ %s %s\n%s\n", name, form.name, form.write(os.Getenv(name)))
		}
	}
}
