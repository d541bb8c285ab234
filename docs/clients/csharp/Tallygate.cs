// SPDX-License-Identifier: Apache-2.0
// A client of the Tallygate API in C# 6 and later: .NET, .NET Framework 4.6 or Mono, without packages.
//
//   Tallygate.exe create ORDER.json KEY     asks for the money of an order (POST /v1/payments); KEY is the Idempotency-Key
//   Tallygate.exe refresh PAYMENT_ID        刷新支付状态
//   Tallygate.exe verify-webhook BODY ID TIMESTAMP SIGNATURE
//
// TALLYGATE_URL, TALLYGATE_KEYID, TALLYGATE_KEY_FILE say who asks whom; TALLYGATE_WEBHOOK_SECRET (whsec_…) is for webhooks.
// Only hmac-sha256: the class library has no Ed25519.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Text;

public static class Tallygate
{
    private const long ToleranceS = 300;

    private static string Env(string name, string otherwise = null)
    {
        return Environment.GetEnvironmentVariable(name) ?? otherwise;
    }

    // TALLYGATE_CLOCK_SHIFT_S is for a development gateway, which may live at another time.
    private static long Now()
    {
        return DateTimeOffset.UtcNow.ToUnixTimeSeconds() + long.Parse(Env("TALLYGATE_CLOCK_SHIFT_S", "0"));
    }

    private static byte[] Hmac(byte[] key, byte[] text)
    {
        using (var hmac = new HMACSHA256(key))
        {
            return hmac.ComputeHash(text);
        }
    }

    private static string Nonce()
    {
        var random = new byte[16];
        using (var source = RandomNumberGenerator.Create())
        {
            source.GetBytes(random);
        }
        return BitConverter.ToString(random).Replace("-", "").ToLowerInvariant();
    }

    private static string Digest(byte[] body)
    {
        using (var sha256 = SHA256.Create())
        {
            return "sha-256=:" + Convert.ToBase64String(sha256.ComputeHash(body)) + ":";
        }
    }

    // RFC 9421 over the method, path, query and, with a body, its RFC 9530 digest.
    public static Dictionary<string, string> SignedHeaders(string method, Uri url, byte[] body)
    {
        var lines = new List<KeyValuePair<string, string>>();
        var headers = new Dictionary<string, string>();
        lines.Add(new KeyValuePair<string, string>("@method", method));
        lines.Add(new KeyValuePair<string, string>("@path", url.AbsolutePath));
        lines.Add(new KeyValuePair<string, string>("@query", url.Query == "" ? "?" : url.Query));
        if (body.Length > 0)
        {
            headers["Content-Digest"] = Digest(body);
            lines.Add(new KeyValuePair<string, string>("content-digest", headers["Content-Digest"]));
        }
        var names = string.Join(" ", lines.Select(line => "\"" + line.Key + "\""));
        var parameters = "(" + names + ");created=" + Now() + ";nonce=\"" + Nonce() + "\";keyid=\""
            + Env("TALLYGATE_KEYID") + "\"";
        var text = string.Concat(lines.Select(line => "\"" + line.Key + "\": " + line.Value + "\n"))
            + "\"@signature-params\": " + parameters;
        var secret = File.ReadAllText(Env("TALLYGATE_KEY_FILE")).TrimEnd('\n');
        var signature = Hmac(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text));
        headers["Signature-Input"] = "sig=" + parameters;
        headers["Signature"] = "sig=:" + Convert.ToBase64String(signature) + ":";
        return headers;
    }

    // The status and the text. After a time-out send the same request with the same key again: it is done once.
    public static KeyValuePair<int, string> Call(string method, string path, byte[] body, string idempotencyKey)
    {
        var url = new Uri(Env("TALLYGATE_URL") + path);
        var request = (HttpWebRequest)WebRequest.Create(url);
        request.Method = method;
        request.Timeout = 30000;
        request.AllowAutoRedirect = false;
        request.Headers["Accept-Language"] = "en";
        foreach (var header in SignedHeaders(method, url, body))
        {
            request.Headers[header.Key] = header.Value;
        }
        if (idempotencyKey != null)
        {
            request.Headers["Idempotency-Key"] = idempotencyKey;
        }
        if (body.Length > 0)
        {
            request.ContentType = "application/json";
            request.ContentLength = body.Length;
            using (var stream = request.GetRequestStream())
            {
                stream.Write(body, 0, body.Length);
            }
        }
        try
        {
            return Read((HttpWebResponse)request.GetResponse());
        }
        catch (WebException problem) when (problem.Response != null) // application/problem+json
        {
            return Read((HttpWebResponse)problem.Response);
        }
    }

    private static KeyValuePair<int, string> Read(HttpWebResponse answer)
    {
        using (var reader = new StreamReader(answer.GetResponseStream(), Encoding.UTF8))
        {
            return new KeyValuePair<int, string>((int)answer.StatusCode, reader.ReadToEnd());
        }
    }

    // In a time that does not depend on where the texts differ.
    private static bool Same(string a, string b)
    {
        var difference = a.Length ^ b.Length;
        for (var i = 0; i < a.Length && i < b.Length; i++)
        {
            difference |= a[i] ^ b[i];
        }
        return difference == 0;
    }

    // Standard Webhooks: one of the signatures is HMAC-SHA256 over id.timestamp.body, and the time is near.
    public static bool VerifyWebhook(string secret, byte[] body, string id, string timestamp, string signatures)
    {
        var key = Convert.FromBase64String(secret.StartsWith("whsec_") ? secret.Substring(6) : secret);
        var text = Encoding.UTF8.GetBytes(id + "." + timestamp + ".").Concat(body).ToArray();
        var wanted = "v1," + Convert.ToBase64String(Hmac(key, text));
        long at;
        var near = long.TryParse(timestamp, out at) && Math.Abs(Now() - at) <= ToleranceS;
        return near && signatures.Split(' ').Count(one => Same(wanted, one)) > 0;
    }

    public static int Main(string[] words)
    {
        KeyValuePair<int, string> answer;
        if (words.Length == 3 && words[0] == "create")
        {
            answer = Call("POST", "/v1/payments", File.ReadAllBytes(words[1]), words[2]);
        }
        else if (words.Length == 2 && words[0] == "refresh")
        {
            answer = Call("POST", "/v1/payments/" + words[1] + "/refresh", Encoding.UTF8.GetBytes("{}"), null);
        }
        else if (words.Length == 5 && words[0] == "verify-webhook")
        {
            var good = VerifyWebhook(Env("TALLYGATE_WEBHOOK_SECRET"), File.ReadAllBytes(words[1]), words[2], words[3],
                words[4]);
            Console.WriteLine(good ? "genuine" : "not genuine");
            return good ? 0 : 1;
        }
        else
        {
            Console.Error.WriteLine(
                "usage: create ORDER.json KEY | refresh PAYMENT_ID | verify-webhook BODY ID TIMESTAMP SIGNATURE");
            return 2;
        }
        Console.WriteLine(answer.Value);
        return answer.Key < 300 ? 0 : 1;
    }
}
