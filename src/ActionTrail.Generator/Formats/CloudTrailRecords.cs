using System.Text.Json.Nodes;

namespace ActionTrail.Generator.Formats;

/// <summary>
/// CloudTrail records: API calls of users, roles and services, sign-ins to the console, events that a service made by itself, data events. Four of five
/// are reads, about a tenth carries an error code. What a call answers with in the way of credentials is a planted secret.
/// </summary>
internal sealed class CloudTrailRecords(Scene scene) : IRecordMaker
{
    private static readonly string[] Regions = ["us-east-1", "eu-central-1", "eu-west-1", "us-west-2", "ap-southeast-1"];
    private static readonly (string Code, string Message)[] Errors =
    [
        ("AccessDenied", "User is not authorized to perform this action because no identity-based policy allows it"),
        ("Client.UnauthorizedOperation", "You are not authorized to perform this operation."),
        ("ThrottlingException", "Rate exceeded"),
        ("ResourceNotFoundException", "The requested resource does not exist."),
        ("NoSuchBucketPolicy", "The bucket policy does not exist"),
        ("ValidationException", "One or more parameters are not valid."),
    ];

    private static readonly string[] Agents =
    [
        "aws-cli/2.15.30 Python/3.11.8 Linux/5.10.0 exe/x86_64.amzn.2023 prompt/off command/ec2.describe-instances", "Boto3/1.34.61 md/Botocore#1.34.61 ua/2.0 os/linux#6.1.79 md/arch#x86_64 lang/python#3.12.2",
        "APN/1.0 HashiCorp/1.0 Terraform/1.7.4 (+https://www.terraform.io) terraform-provider-aws/5.40.0", "aws-sdk-go/1.50.36 (go1.22.0; linux; amd64) karpenter.sh-v0.35.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36", "aws-sdk-java/2.25.7 Linux/5.10.0 OpenJDK_64-Bit_Server_VM/17.0.10",
    ];

    private readonly WeightedChoice _service = WeightedChoice.Zipf(CloudTrailCatalog.All.Count, 0.9);
    private readonly WeightedChoice _error = WeightedChoice.Zipf(Errors.Length, 0.8);

    public void Make(List<MadeRecord> records) => records.Add(scene.Below(1000) switch
    {
        < 14 => ServiceEvent(),
        < 30 => ConsoleLogin(),
        < 110 => ObjectAccess(),
        _ => ApiCall(),
    });

    private MadeRecord ApiCall()
    {
        var service = CloudTrailCatalog.All[_service.Draw(ref scene.Chance)];
        var isRead = service.Writes.Length == 0 || scene.Happens(0.8);
        var name = scene.Pick(isRead ? service.Reads : service.Writes);
        var call = Begin(service.Name, name, isRead, service.IsGlobal ? "us-east-1" : scene.Pick(Regions));
        var resource = $"{name.ToLowerInvariant()[..3]}{scene.Name(14)}";
        var parameters = new JsonObject { [service.Parameter] = resource };
        if (isRead)
        {
            parameters["maxResults"] = 100 + scene.Below(900);
            parameters["filterSet"] = new JsonObject { ["items"] = new JsonArray(new JsonObject { ["name"] = "tag:team", ["valueSet"] = new JsonObject { ["items"] = new JsonArray(new JsonObject { ["value"] = scene.Name(8) }) } }) };
        }
        else
        {
            parameters["clientToken"] = scene.Guid();
            parameters["tagSpecificationSet"] = new JsonObject { ["items"] = new JsonArray(new JsonObject { ["resourceType"] = service.ResourceType, ["tags"] = new JsonArray(new JsonObject { ["key"] = "team", ["value"] = scene.Name(8) }, new JsonObject { ["key"] = "cost-center", ["value"] = scene.Digits(6) }) }) };
        }

        call.Json["requestParameters"] = parameters;
        call.Json["responseElements"] = isRead ? null : new JsonObject { ["requestId"] = call.Json["requestID"]!.GetValue<string>(), [service.Parameter] = resource, ["_return"] = true };
        var arn = service.Name == "s3" ? $"arn:aws:s3:::{resource}" : $"arn:aws:{service.Name}:{call.Json["awsRegion"]}:{call.Account}:{service.ArnPart.TrimStart(':')}{resource}";
        if (service.Name is "kms" or "s3" or "sts" or "secretsmanager" or "lambda")
            call.Json["resources"] = new JsonArray(new JsonObject { ["accountId"] = call.Account, ["type"] = service.ResourceType, ["ARN"] = arn });
        Refuse(call);
        var hasSecret = PlantSecret(call, name, parameters);
        return End(call, name, hasSecret);
    }

    // Sessions are given out with a token; some requests carry a password or the secret itself.
    private bool PlantSecret(Call call, string name, JsonObject parameters)
    {
        switch (name)
        {
            case "AssumeRole" or "AssumeRoleWithWebIdentity" or "GetSessionToken" when !call.IsRefused:
                parameters["roleSessionName"] = call.Person.Name;
                call.Json["responseElements"] = new JsonObject
                {
                    ["credentials"] = new JsonObject
                    {
                        ["accessKeyId"] = "ASIA" + scene.Letters(16),
                        ["expiration"] = "Mar 1, 2026, 9:00:00 PM",
                        ["sessionToken"] = PlantedSecrets.SessionToken(ref scene.Chance),
                    },
                    ["assumedRoleUser"] = new JsonObject { ["assumedRoleId"] = $"AROA{scene.Letters(17)}:{call.Person.Name}", ["arn"] = $"arn:aws:sts::{call.Account}:assumed-role/{call.Person.Role}/{call.Person.Name}" },
                };
                call.Json["sharedEventID"] = scene.Guid();
                return true;
            case "ModifyDBInstance" or "CreateDBInstance":
                parameters["masterUserPassword"] = PlantedSecrets.Password(ref scene.Chance);
                return true;
            case "UpdateLoginProfile":
                parameters["password"] = PlantedSecrets.Password(ref scene.Chance);
                return true;
            case "PutSecretValue" or "CreateSecret":
                parameters["secretString"] = PlantedSecrets.Password(ref scene.Chance);
                return true;
            default:
                return false;
        }
    }

    private MadeRecord ObjectAccess()
    {
        var name = scene.Pick<string>(["GetObject", "GetObject", "GetObject", "HeadObject", "ListObjects", "PutObject", "DeleteObject"]);
        var isRead = name is not ("PutObject" or "DeleteObject");
        var call = Begin("s3", name, isRead, scene.Pick(Regions));
        var bucket = $"contoso-data-{scene.Below(40)}";
        var key = $"exports/{scene.Name(10)}/part-{scene.Below(900)}.parquet";
        call.Json["eventCategory"] = "Data";
        call.Json["managementEvent"] = false;
        call.Json["requestParameters"] = new JsonObject { ["bucketName"] = bucket, ["Host"] = $"{bucket}.s3.amazonaws.com", ["key"] = key };
        call.Json["responseElements"] = null;
        call.Json["additionalEventData"] = new JsonObject { ["SignatureVersion"] = "SigV4", ["CipherSuite"] = "TLS_AES_128_GCM_SHA256", ["bytesTransferredIn"] = 0, ["bytesTransferredOut"] = scene.Below(5_000_000), ["AuthenticationMethod"] = "AuthHeader" };
        call.Json["resources"] = new JsonArray(
            new JsonObject { ["type"] = "AWS::S3::Object", ["ARN"] = $"arn:aws:s3:::{bucket}/{key}" },
            new JsonObject { ["accountId"] = call.Account, ["type"] = "AWS::S3::Bucket", ["ARN"] = $"arn:aws:s3:::{bucket}" });
        Refuse(call);
        return End(call, name, hasSecret: false);
    }

    private MadeRecord ConsoleLogin()
    {
        var call = Begin("signin", "ConsoleLogin", isRead: false, "us-east-1", isConsole: true);
        var fails = scene.Fails();
        call.Json["eventType"] = "AwsConsoleSignIn";
        call.Json.Remove("tlsDetails");
        call.Json.Remove("requestID");
        call.Json["requestParameters"] = null;
        call.Json["responseElements"] = new JsonObject { ["ConsoleLogin"] = fails ? "Failure" : "Success" };
        call.Json["additionalEventData"] = new JsonObject { ["LoginTo"] = "https://console.aws.amazon.com/console/home?state=hashArgs%23&isauthcode=true", ["MobileVersion"] = "No", ["MFAUsed"] = call.Person.UsesMfa ? "Yes" : "No" };
        if (fails)
            call.Json["errorMessage"] = "Failed authentication";
        return End(call, "ConsoleLogin", hasSecret: false);
    }

    // Nobody called: no type of identity, no request.
    private MadeRecord ServiceEvent()
    {
        var (service, name) = scene.Pick<(string, string)>([("kms", "RotateKey"), ("ec2", "BidEvictedEvent"), ("acm-pca", "RevokeCertificate"), ("autoscaling", "TerminateInstance")]);
        var call = Begin(service, name, isRead: false, scene.Pick(Regions));
        foreach (var absent in (string[])["requestID", "tlsDetails", "userAgent"])
            call.Json.Remove(absent);
        call.Json["eventType"] = "AwsServiceEvent";
        call.Json["userIdentity"] = new JsonObject { ["accountId"] = call.Account, ["invokedBy"] = $"{service}.amazonaws.com" };
        call.Json["sourceIPAddress"] = $"{service}.amazonaws.com";
        call.Json["userAgent"] = $"{service}.amazonaws.com";
        call.Json["requestParameters"] = null;
        call.Json["responseElements"] = null;
        call.Json["serviceEventDetails"] = new JsonObject { ["keyId"] = scene.Guid(), ["backingKeyId"] = scene.Hex(64) };
        return End(call with { UserName = $"{service}.amazonaws.com", Address = $"{service}.amazonaws.com" }, name, hasSecret: false);
    }

    private Call Begin(string service, string name, bool isRead, string region, bool isConsole = false)
    {
        var (account, time, person) = (scene.One(scene.Organisation.AwsAccounts), Scene.WholeSeconds(scene.Time()), scene.Person());
        var (identity, userName) = CloudTrailIdentity.Of(scene, account, person, time, isConsole);
        var isService = identity["type"]!.GetValue<string>() == "AWSService";
        var address = isService ? userName : scene.AddressOf(person);
        var json = new JsonObject
        {
            ["eventVersion"] = "1.09",
            ["userIdentity"] = identity,
            ["eventTime"] = Scene.Iso(time, 0),
            ["eventSource"] = $"{service}.amazonaws.com",
            ["eventName"] = name,
            ["awsRegion"] = region,
            ["sourceIPAddress"] = address,
            ["userAgent"] = isService ? userName : Agents[(int)(person.Seed % (ulong)Agents.Length)],
            ["requestParameters"] = null,
            ["responseElements"] = null,
            ["requestID"] = scene.Guid(),
            ["eventID"] = scene.Guid(),
            ["readOnly"] = isRead,
            ["eventType"] = "AwsApiCall",
            ["managementEvent"] = true,
            ["recipientAccountId"] = account,
            ["eventCategory"] = "Management",
        };
        if (!isService)
            json["tlsDetails"] = new JsonObject { ["tlsVersion"] = "TLSv1.3", ["cipherSuite"] = "TLS_AES_128_GCM_SHA256", ["clientProvidedHostHeader"] = $"{service}.{region}.amazonaws.com" };
        return new Call(json, account, time, person, userName, address);
    }

    private void Refuse(Call call)
    {
        if (!scene.Fails())
            return;
        var (code, message) = Errors[_error.Draw(ref scene.Chance)];
        call.Json["errorCode"] = code;
        call.Json["errorMessage"] = message;
        call.Json["responseElements"] = null;
    }

    private MadeRecord End(Call call, string name, bool hasSecret)
    {
        var address = call.Address;
        if (scene.IsOdd())
            address = MakeOdd(call.Json, address);
        return new MadeRecord(scene.Bytes(call.Json), new ExpectedEvent
        {
            EventId = call.Json["eventID"]!.GetValue<string>(),
            AccountId = call.Account,
            EventTime = call.Time,
            EventName = name,
            UserName = call.UserName,
            SourceIpAddress = address,
            HasSecret = hasSecret,
        });
    }

    private string MakeOdd(JsonObject record, string address)
    {
        switch (scene.Below(6))
        {
            case 0:
                record.Remove("readOnly");
                break;
            case 1:
                record["readOnly"] = record["readOnly"]!.GetValue<bool>() ? "true" : "false";
                break;
            case 2:
                record["eventVersion"] = "1.05";
                record.Remove("tlsDetails");
                record.Remove("managementEvent");
                record.Remove("eventCategory");
                break;
            case 3:
                record["sourceIPAddress"] = "AWS Internal";
                return "AWS Internal";
            case 4:
                record.Remove("requestID");
                break;
            default:
                record["addendum"] = new JsonObject { ["reason"] = "DELIVERY_DELAY", ["updatedFields"] = "", ["originalRequestID"] = scene.Guid(), ["originalEventID"] = scene.Guid() };
                break;
        }
        return address;
    }

    private sealed record Call(JsonObject Json, string Account, DateTimeOffset Time, Person Person, string UserName, string Address)
    {
        public bool IsRefused => Json.ContainsKey("errorCode");
    }
}
