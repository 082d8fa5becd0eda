using System.Globalization;
using Amazon.S3;
using Resurgam.Core.Problems;
using Resurgam.Core.Values;

namespace Resurgam.Adapters.Stores.S3;

internal static class S3Problems
{
    public static ResurgamException NoCredentials(string file, string profile) =>
        Of(
            "s3-no-credentials",
            Remedy.Fix,
            $"the plan names no credentials for its store on S3, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and {file} has no profile '{profile}' with both keys",
            "Add 'access-key' and 'secret-key' to 'vault.s3' of the plan, or set the two variables."
        );

    public static ResurgamException CredentialsUnreadable(string file, Exception cause) =>
        Of(
            "s3-no-credentials",
            Remedy.Fix,
            $"credentials file {file} cannot be read: {cause.Message}",
            $"Check who may read it: 'ls -l {file}'.",
            cause
        );

    public static ResurgamException Unreachable(string store, string what, Exception cause) =>
        Of(
            "s3-unreachable",
            Remedy.Retry,
            $"store {store} could not be reached to {what}: {Innermost(cause)}",
            "Check 'vault.s3.endpoint' of the plan, the name, the network and the proxy variables with 'curl -v ENDPOINT', then run the same command again: what is stored already is kept.",
            cause
        );

    public static ResurgamException Stalled(string store, string what, TimeSpan limit, Exception cause) =>
        Of(
            "s3-unreachable",
            Remedy.Retry,
            $"store {store} took longer than {Duration.Format(limit)} without moving a byte to {what}",
            "Something takes connections and does not answer: check the server and what lies between with 'curl -v ENDPOINT', then run the same command again.",
            cause
        );

    public static ResurgamException Unavailable(string store, string what, AmazonS3Exception cause) =>
        Of(
            "s3-unavailable",
            Remedy.Retry,
            $"store {store} keeps failing to {what}: {Said(cause)}",
            "The server is overloaded or ill: look at its status and run the same command again; what is stored already is kept.",
            cause
        );

    public static ResurgamException UploadGone(string store, string key) =>
        Of(
            "s3-unavailable",
            Remedy.Retry,
            $"store {store} dropped what was sent of {key}, each time",
            "Does somebody, or a rule of the bucket, abort unfinished uploads at once? A day is soon enough. Run the same command again; what is stored already is kept."
        );

    public static ResurgamException NoBucket(string store, AmazonS3Exception cause) =>
        Of(
            "s3-no-bucket",
            Remedy.Fix,
            $"the bucket of store {store} is not there",
            "Make it first (no program of ours makes buckets), or correct 'store' and 'endpoint' in the plan; 'aws s3 ls' with the same credentials lists those that are there.",
            cause
        );

    public static ResurgamException Credentials(string store, IReadOnlyList<string> asked, AmazonS3Exception cause) =>
        Of(
            "s3-credentials",
            Remedy.Fix,
            $"store {store} does not accept the credentials: {Said(cause)}",
            "Check that 'access-key' and 'secret-key' of 'vault.s3' belong together and to this server, and that neither has a space or line break too many."
                + HintFor(asked),
            cause
        );

    public static ResurgamException Expired(string store, string what, AmazonS3Exception cause) =>
        Of(
            "s3-credentials-expired",
            Remedy.Fix,
            $"the credentials for store {store} have expired, so it refuses to {what}: {Said(cause)}",
            "Fetch new ones, then run the same command again: what is stored already is kept. A 'command' in the plan can fetch them each time.",
            cause
        );

    public static ResurgamException Denied(string store, string what, AmazonS3Exception cause) =>
        Of(
            "s3-denied",
            Remedy.Fix,
            $"store {store} does not allow to {what}: {Said(cause)}",
            "Allow s3:GetObject, s3:PutObject and s3:ListBucket to these credentials (s3:DeleteObject for locks and expiry); without s3:ListBucket even an object that is not there looks forbidden. Object lock refuses to delete until its date.",
            cause
        );

    public static ResurgamException Clock(string store, AmazonS3Exception cause) =>
        Of(
            "s3-clock",
            Remedy.Fix,
            $"this machine's clock differs too much from that of store {store}: {Said(cause)}",
            "Compare 'date -u' with 'curl -sI ENDPOINT | grep -i ^date', and set the wrong one right ('timedatectl' shows whether time is synchronised).",
            cause
        );

    public static ResurgamException Region(string store, AmazonS3Exception cause) =>
        Of(
            "s3-region",
            Remedy.Fix,
            $"the bucket of store {store} is in another region: {Said(cause)}",
            "Write the region that the message names, or that 'aws s3api get-bucket-location --bucket BUCKET' tells, into 'vault.s3.region' of the plan.",
            cause
        );

    public static ResurgamException Tls(string store, Exception cause) =>
        Of(
            "s3-tls",
            Remedy.Fix,
            $"the certificate of store {store} is not trusted here: {cause.Message}",
            "Add its authority to this machine's ('update-ca-certificates'), or name one with the variable SSL_CERT_FILE; 'curl -v ENDPOINT' shows the certificate.",
            cause
        );

    public static ResurgamException NoS3(string store, string what, Exception cause) =>
        Of(
            "s3-no-s3",
            Remedy.Fix,
            $"what answers at store {store} does not speak S3 as asked to {what}: {Innermost(cause)}",
            "Check 'vault.s3.endpoint' and 'path-style' of the plan: a web page, a proxy or a server without conditional writes cannot hold a vault.",
            cause
        );

    public static ResurgamException WrongAnswer(string store, string what, string how) =>
        Of(
            "s3-no-s3",
            Remedy.Fix,
            $"what answers at store {store} did not keep to S3 when asked to {what}: {how}",
            "Check 'vault.s3.endpoint' of the plan: a proxy or a server that answers so cannot hold a vault."
        );

    public static ResurgamException Refused(
        string store,
        string what,
        IReadOnlyList<string> asked,
        AmazonS3Exception cause
    ) =>
        Of(
            "s3-rejected",
            Remedy.Fix,
            $"store {store} refuses to {what}: {Said(cause)}",
            "Look the server's code up in its manual; check 'store' and 'vault.s3' of the plan." + HintFor(asked),
            cause
        );

    public static ResurgamException NoVersions(string store) =>
        Of(
            "s3-no-versions",
            Remedy.Fix,
            $"the bucket of store {store} keeps no versions, so nobody knows how it was",
            "Leave --as-of out. For the next time switch versioning on: 'aws s3api put-bucket-versioning --versioning-configuration Status=Enabled'."
        );

    public static ResurgamException AsOfRefused(string store, string what) =>
        Of(
            "s3-as-of-refused",
            Remedy.Fix,
            $"store {store} is read as it was, so it refuses to {what}",
            "Leave --as-of out for commands that write."
        );

    private static string HintFor(IReadOnlyList<string> asked) =>
        asked.Count == 0 ? "" : $" It may not have what the plan asks for: {string.Join(", ", asked)}.";

    private static string Said(AmazonS3Exception answer) =>
        string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP {(int)answer.StatusCode} {answer.ErrorCode} {answer.Message}"
            )
            .TrimEnd();

    private static string Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e.Message;

    private static ResurgamException Of(
        string code,
        Remedy remedy,
        string what,
        string hint,
        Exception? cause = null
    ) => new(new Problem(code, remedy, what.ReplaceLineEndings(" "), hint), cause);
}
