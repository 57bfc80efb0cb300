# Prints each value in each form that Ruby has: ruby forms.rb NAME…, the values in variables of these names.
require 'base64'
require 'cgi'
require 'erb'
require 'json'
require 'pp'
require 'shellwords'
require 'uri'
require 'yaml'

FORMS = {
  'puts' => ->(v) { v },
  'inspect' => ->(v) { v.inspect },
  'dump' => ->(v) { v.dump },
  'inspect of bytes' => ->(v) { v.b.inspect },
  'pp' => ->(v) { { 'PATH' => '/usr/bin', 'KEY' => v }.pretty_inspect },
  'inspect of a Struct' => ->(v) { Struct.new(:key).new(v).inspect },
  'JSON.generate' => ->(v) { JSON.generate([v]) },
  'JSON.pretty_generate' => ->(v) { JSON.pretty_generate('key' => v) },
  'JSON in JSON' => ->(v) { JSON.generate([JSON.generate([v])]) },
  'YAML' => ->(v) { { 'key' => v }.to_yaml },
  'CGI.escape' => ->(v) { CGI.escape(v) },
  'ERB url_encode' => ->(v) { ERB::Util.url_encode(v) },
  'encode_www_form' => ->(v) { URI.encode_www_form('a' => v) },
  'CGI.escapeHTML' => ->(v) { CGI.escapeHTML(v) },
  'shellescape' => ->(v) { v.shellescape },
  'Base64.encode64' => ->(v) { Base64.encode64(v) },
  'Base64.strict_encode64' => ->(v) { Base64.strict_encode64(v) },
  'Base64.urlsafe_encode64' => ->(v) { Base64.urlsafe_encode64(v) },
  'unpack H*' => ->(v) { v.unpack1('H*') },
  'bytes' => ->(v) { v.bytes.inspect },
  'pack M' => ->(v) { [v].pack('M') },
  'exception' => ->(v) { ArgumentError.new(v).full_message(highlight: false) }
}.freeze

$stdout.binmode
FORMS.each do |form, write|
  ARGV.each { |name| $stdout.write("\n@@ #{name} #{form}\n", write.call(ENV[name].dup.force_encoding('UTF-8')), "\n") }
end
