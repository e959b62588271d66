namespace ActionTrail.Tests.Events.Redaction;

/// <summary>What is masked and what is not: one JSON object per line, behind the arrow what becomes of it. All secrets are made up.</summary>
internal static class SecretTables
{
    public const string Jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P";

    public const string Masked = """
        {"password":"hunter2"} => {"password":"***"}
        {"Password":"hunter2"} => {"Password":"***"}
        {"PASSWORD":"x"} => {"PASSWORD":"***"}
        {"passwd":"hunter2"} => {"passwd":"***"}
        {"pwd":"hunter2"} => {"pwd":"***"}
        {"a":1,"pwd":"hunter2"} => {"a":1,"pwd":"***"}
        {"user_pwd":"hunter2"} => {"user_pwd":"***"}
        {"passphrase":"open sesame"} => {"passphrase":"***"}
        {"adminPassword":"P@ss"} => {"adminPassword":"***"}
        {"administratorLoginPassword":"P@ss"} => {"administratorLoginPassword":"***"}
        {"masterUserPassword":"P@ss"} => {"masterUserPassword":"***"}
        {"master_user_password":"P@ss"} => {"master_user_password":"***"}
        {"MASTER-USER-PASSWORD":"P@ss"} => {"MASTER-USER-PASSWORD":"***"}
        {"newPassword":"a","oldPassword":"b"} => {"newPassword":"***","oldPassword":"***"}
        {"DbPasswords":["a","b"]} => {"DbPasswords":["***","***"]}
        {"password": "with space"} => {"password": "***"}
        {"password" : "x" } => {"password" : "***" }
        {"password_":"x"} => {"password_":"***"}
        {"t":"key1=abcdefghij0123456789"} => {"t":"key1=***"}
        {"x":[{ "displayName" : "Password", "newValue" : "a" }]} => {"x":[{ "displayName" : "Password", "newValue" : "***" }]}
        {"b":"{\"name\":\"DB_PASSWORD\",\"value\":\"x\"}"} => {"b":"{\"name\":\"DB_PASSWORD\",\"value\":\"***\"}"}
        {"p\u0061ssword":"x"} => {"p\u0061ssword":"***"}
        {"\u0070\u0077\u0064":"x"} => {"\u0070\u0077\u0064":"***"}
        {"secret":"s3"} => {"secret":"***"}
        {"secretString":"{\"user\":\"a\",\"x\":\"b\"}"} => {"secretString":"***"}
        {"SecretBinary":"AAEC"} => {"SecretBinary":"***"}
        {"secretAccessKey":"wJalrXUtnFEMI/K7MDENG"} => {"secretAccessKey":"***"}
        {"SecretAccessKey":"wJalrXUtnFEMI/K7MDENG"} => {"SecretAccessKey":"***"}
        {"clientSecret":"c"} => {"clientSecret":"***"}
        {"client_secret":"c"} => {"client_secret":"***"}
        {"appSecret":"c"} => {"appSecret":"***"}
        {"AccessKeySecret":"c"} => {"AccessKeySecret":"***"}
        {"consumer_secret":"c"} => {"consumer_secret":"***"}
        {"samlAssertion":"PHNhbWw+"} => {"samlAssertion":"***"}
        {"sAMLAssertion":"PHNhbWw+"} => {"sAMLAssertion":"***"}
        {"clientAssertion":"abc"} => {"clientAssertion":"***"}
        {"plaintext":"abc"} => {"plaintext":"***"}
        {"sessionToken":"t"} => {"sessionToken":"***"}
        {"SecurityToken":"t"} => {"SecurityToken":"***"}
        {"accessToken":"t"} => {"accessToken":"***"}
        {"access_token":"t"} => {"access_token":"***"}
        {"refreshToken":"t"} => {"refreshToken":"***"}
        {"idToken":"t"} => {"idToken":"***"}
        {"webIdentityToken":"t"} => {"webIdentityToken":"***"}
        {"authToken":"t"} => {"authToken":"***"}
        {"x-amz-security-token":"t"} => {"x-amz-security-token":"***"}
        {"X-Amz-Security-Token":["t"]} => {"X-Amz-Security-Token":["***"]}
        {"sasToken":"sv=1"} => {"sasToken":"***"}
        {"tokenCode":"123456"} => {"tokenCode":"***"}
        {"token":"AbCdEf0123456789ghijk"} => {"token":"***"}
        {"authorization":"Bearer abc"} => {"authorization":"***"}
        {"Authorization":"Basic dTpw"} => {"Authorization":"***"}
        {"headers":{"Authorization":["AWS4-HMAC-SHA256 Credential=A/B, Signature=c"]}} => {"headers":{"Authorization":["***"]}}
        {"Cookie":"sid=1"} => {"Cookie":"***"}
        {"x-api-key":"k"} => {"x-api-key":"***"}
        {"Ocp-Apim-Subscription-Key":"k"} => {"Ocp-Apim-Subscription-Key":"***"}
        {"privateKey":"MIIE"} => {"privateKey":"***"}
        {"privateKeyData":"MIIE"} => {"privateKeyData":"***"}
        {"sshPrivateKey":"x"} => {"sshPrivateKey":"***"}
        {"keyMaterial":"x"} => {"keyMaterial":"***"}
        {"accountKey":"k=="} => {"accountKey":"***"}
        {"storageAccountKey":"k=="} => {"storageAccountKey":"***"}
        {"sharedAccessKey":"k"} => {"sharedAccessKey":"***"}
        {"primaryMasterKey":"k"} => {"primaryMasterKey":"***"}
        {"primaryKey":"abcdefghij0123456789ABCDEFGHIJ=="} => {"primaryKey":"***"}
        {"secondaryKey":"abcdefghij0123456789ABCDEFGHIJ=="} => {"secondaryKey":"***"}
        {"key1":"0123456789abcdef0123456789abcdef"} => {"key1":"***"}
        {"apiKey":"AIzaSyA0123456789abcdefghij"} => {"apiKey":"***"}
        {"connectionString":"Server=x"} => {"connectionString":"***"}
        {"primaryConnectionString":"Endpoint=sb://x/"} => {"primaryConnectionString":"***"}
        {"AzureWebJobsStorage":"DefaultEndpointsProtocol=https"} => {"AzureWebJobsStorage":"***"}
        {"connectionStrings":[{"name":"Main","connectionString":"a","type":"SQLAzure"}]} => {"connectionStrings":[{"name":"Main","connectionString":"***","type":"SQLAzure"}]}
        {"connectionStrings":{"Main":{"value":"a","type":"Custom"}}} => {"connectionStrings":{"Main":{"value":"***","type":"Custom"}}}
        {"keys":[{"keyName":"key1","value":"abc==","permissions":"FULL"},{"keyName":"key2","value":"def=="}]} => {"keys":[{"keyName":"key1","value":"***","permissions":"FULL"},{"keyName":"key2","value":"***"}]}
        {"keys":[{"value":"abc==","keyName":"key1"}]} => {"keys":[{"value":"***","keyName":"key1"}]}
        {"passwords":[{"name":"password","value":"a"},{"name":"password2","value":"b"}]} => {"passwords":[{"name":"password","value":"***"},{"name":"password2","value":"***"}]}
        {"parameters":[{"parameterKey":"DbPassword","parameterValue":"x"}]} => {"parameters":[{"parameterKey":"DbPassword","parameterValue":"***"}]}
        {"env":[{"name":"DB_PASSWORD","value":"x"},{"name":"HOST","value":"y"}]} => {"env":[{"name":"DB_PASSWORD","value":"***"},{"name":"HOST","value":"y"}]}
        {"env":[{"value":"x","name":"CLIENT_SECRET"}]} => {"env":[{"value":"***","name":"CLIENT_SECRET"}]}
        {"h":[{"name":"Authorization","value":"Digest a"}]} => {"h":[{"name":"Authorization","value":"***"}]}
        {"modifiedProperties":[{"displayName":"Password","oldValue":"a","newValue":"b"}]} => {"modifiedProperties":[{"displayName":"Password","oldValue":"***","newValue":"***"}]}
        {"adminPassword":{"type":"securestring","value":"x"}} => {"adminPassword":{"type":"securestring","value":"***"}}
        {"secret":{"name":"n","arn":"arn:aws:x","data":{"a":["1",{"b":"2"}]},"n":3,"t":true}} => {"secret":{"name":"n","arn":"arn:aws:x","data":{"a":["***",{"b":"***"}]},"n":3,"t":true}}
        {"secret":[["a"],"b"]} => {"secret":[["***"],"***"]}
        {"requestParameters":{"a":{"b":[{"password":"x"}]}}} => {"requestParameters":{"a":{"b":[{"password":"***"}]}}}
        {"userIdentity":{"type":"t","sessionToken":"x"}} => {"userIdentity":{"type":"t","sessionToken":"***"}}
        {"url":"https://a.blob.core.windows.net/c/b?sv=2022&se=2026&sig=abc%3D&sp=r"} => {"url":"https://a.blob.core.windows.net/c/b?sv=2022&se=2026&sig=***&sp=r"}
        {"url":"https://a/c?sv=2022\u0026se=2026\u0026sig=abc%3D"} => {"url":"https://a/c?sv=2022&se=2026&sig=***"}
        {"t":"SharedAccessSignature sr=a&sig=b&se=1&skn=k"} => {"t":"SharedAccessSignature sr=a&sig=***&se=1&skn=k"}
        {"t":"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=b==;EndpointSuffix=c"} => {"t":"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=***;EndpointSuffix=c"}
        {"t":"Endpoint=sb://a/;SharedAccessKeyName=Root;SharedAccessKey=k=;EntityPath=e"} => {"t":"Endpoint=sb://a/;SharedAccessKeyName=Root;SharedAccessKey=***;EntityPath=e"}
        {"t":"Server=s;User Id=u;Password=p w;Encrypt=true"} => {"t":"Server=s;User Id=u;Password=***;Encrypt=true"}
        {"t":"Server=s;Uid=u;Pwd='a;b';Port=1"} => {"t":"Server=s;Uid=u;Pwd='***';Port=1"}
        {"t":"Driver={x};PWD={a;b};Port=1"} => {"t":"Driver={x};PWD=***;Port=1"}
        {"t":"Password = p;Port=1"} => {"t":"Password = ***;Port=1"}
        {"t":"login?user=a&password=b&x=1"} => {"t":"login?user=a&password=***&x=1"}
        {"t":"a\nPassword=b"} => {"t":"a\nPassword=***"}
        {"t":"client_secret=abc&grant_type=client_credentials"} => {"t":"client_secret=***&grant_type=client_credentials"}
        {"t":"Authorization: Bearer abcdefgh01234567"} => {"t":"Authorization: ***"}
        {"t":"curl -H 'Authorization: token abc' https://x"} => {"t":"curl -H 'Authorization: ***' https://x"}
        {"userAgent":"x Bearer abcdefgh01234567 y"} => {"userAgent":"x Bearer *** y"}
        {"errorMessage":"got bearer abcdefgh01234567"} => {"errorMessage":"got bearer ***"}
        {"t":"Basic dXNlcjpwYXNzd29yZA=="} => {"t":"Basic ***"}
        {"t":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"} => {"t":"***"}
        {"t":"x=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozj;y"} => {"t":"x=***;y"}
        {"t":"eyJhbGciOiJSU0EtT0FFUCJ9.abcdefgh.ijklmnop.qrstuvwx.yz012345"} => {"t":"***"}
        {"t":"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"} => {"t":"***\n"}
        {"t":"a -----BEGIN RSA PRIVATE KEY-----MIIE"} => {"t":"a ***"}
        {"t":"-----BEGIN OPENSSH PRIVATE KEY-----\r\nb3\r\n-----END OPENSSH PRIVATE KEY-----"} => {"t":"***"}
        {"u":"https://b.s3.amazonaws.com/k?X-Amz-Algorithm=A&X-Amz-Credential=AK%2F1&X-Amz-Security-Token=t&X-Amz-Signature=f0"} => {"u":"https://b.s3.amazonaws.com/k?X-Amz-Algorithm=A&X-Amz-Credential=***&X-Amz-Security-Token=***&X-Amz-Signature=***"}
        {"u":"https://b.oss.aliyuncs.com/k?OSSAccessKeyId=L&Expires=1&Signature=a%2Bb"} => {"u":"https://b.oss.aliyuncs.com/k?OSSAccessKeyId=L&Expires=1&Signature=***"}
        {"u":"https://storage.googleapis.com/b/k?X-Goog-Signature=ab"} => {"u":"https://storage.googleapis.com/b/k?X-Goog-Signature=***"}
        {"u":"mongodb://user:pa55@host:27017/db"} => {"u":"mongodb://user:***@host:27017/db"}
        {"u":"https://git:tok@host/x"} => {"u":"https://git:***@host/x"}
        {"requestParameterJson":"{\"Password\":\"x\",\"a\":1}"} => {"requestParameterJson":"{\"Password\":\"***\",\"a\":1}"}
        {"requestbody":"{\"properties\":{\"adminPassword\":\"x\"}}"} => {"requestbody":"{\"properties\":{\"adminPassword\":\"***\"}}"}
        {"b":"[{\"a\":\"{\\\"pwd\\\":\\\"x\\\"}\"}]"} => {"b":"[{\"a\":\"{\\\"pwd\\\":\\\"***\\\"}\"}]"}
        {"b":"{\"a\":1,\"password\":\"cut off"} => {"b":"{\"a\":1,\"password\":\"***"}
        {"b":"{\"password\":{\"value\":\"cut off\"}, \"c\":"} => {"b":"{\"password\":***, \"c\":"}
        {"b":"{'password': 'x', 'a': 1}"} => {"b":"{'password': '***', 'a': 1}"}
        {"b":"\"{\\\"pwd\\\":\\\"x\\\"}\""} => {"b":"\"{\\\"pwd\\\":\\\"***\\\"}\""}
        {"b":"{\u0022password\u0022:\u0022x\u0022}"} => {"b":"{\"password\":\"***\"}"}
        {"eventName":"AccountKey=x;"} => {"eventName":"AccountKey=***;"}
        {"password":"a","password":"b"} => {"password":"***","password":"***"}
        {"password":"\ud800"} => {"password":"***"}
        {"data_base64":"eyJwYXNzd29yZCI6IngifQ=="} => {"data_base64":"eyJwYXNzd29yZCI6IioqKiJ9"}
        """;

    public const string Kept = """
        {"accessKeyId":"LTAI5tCdlPEjQyyVDKijcbL9"}
        {"AccessKeyId":"AKIAIOSFODNN7EXAMPLE"}
        {"secretId":"arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf"}
        {"secretName":"db"}
        {"secretArn":"arn:aws:secretsmanager:eu-west-1:1:secret:db"}
        {"secret":"arn:aws:secretsmanager:eu-west-1:1:secret:db"}
        {"secret":"projects/p/secrets/s/versions/1"}
        {"keyVaultSecretUri":"https://v.vault.azure.net/secrets/s/1"}
        {"secret":"https://v.vault.azure.net/secrets/s/1"}
        {"password":"@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)"}
        {"password":"{{resolve:secretsmanager:db:SecretString:password}}"}
        {"adminPassword":{"reference":{"keyVault":{"id":"/subscriptions/1/x"},"secretName":"s"}}}
        {"secrets":[{"name":"DB_PASSWORD","valueFrom":"arn:aws:ssm:x"}]}
        {"tokenId":"0123456789abcdef0123456789abcdef"}
        {"nextToken":"0123456789abcdef0123456789abcdef"}
        {"NextToken":"0123456789abcdef0123456789abcdef"}
        {"clientToken":"0123456789abcdef0123456789abcdef"}
        {"pageToken":"0123456789abcdef0123456789abcdef"}
        {"continuationToken":"0123456789abcdef0123456789abcdef"}
        {"clientRequestToken":"0123456789abcdef0123456789abcdef"}
        {"syncToken":"x1"}
        {"token":"short1"}
        {"token":"c1f0e2d3-0000-4000-8000-0123456789ab"}
        {"token":"a long text with blanks 0123456789"}
        {"tokenType":"Bearer"}
        {"passwordLastChanged":"2026-06-15T00:00:00Z"}
        {"passwordLastUsed":"2026-06-15T00:00:00Z"}
        {"passwordPolicy":{"minimumPasswordLength":14,"type":"strict"}}
        {"passwordPolicies":"DisablePasswordExpiration"}
        {"passwordResetRequired":true}
        {"passwordResetRequired":"true"}
        {"password":true}
        {"password":"false"}
        {"password":null}
        {"password":""}
        {"password":"   "}
        {"password":12345678}
        {"password":"***"}
        {"password":"********"}
        {"password":"HIDDEN_DUE_TO_SECURITY_REASONS"}
        {"password":"[REDACTED]"}
        {"password":"<redacted>"}
        {"password":"None"}
        {"sessionToken":"<hidden>"}
        {"password":{}}
        {"password":[]}
        {"password":[1,null,true,"***"]}
        {"eventName":"GetSecretValue"}
        {"eventName":"ChangePassword"}
        {"eventName":"UpdateAccountPasswordPolicy"}
        {"operationName":"Microsoft.Storage/storageAccounts/listKeys/action"}
        {"resourceType":"ACS::KMS::Secret","resourceName":"my-secret"}
        {"referencedResources":{"ACS::KMS::Secret":["a"],"secret":["b"],"password":["c"]}}
        {"eventId":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3"}
        {"userIdentity":{"accountId":"password","accessKeyId":"LTAI5tCdlPEjQyyVDKijcbL9","userName":"secret"}}
        {"authorization":{"scope":"/subscriptions/1","action":"a/b","evidence":{"role":"Owner"}}}
        {"authorization":"{\"scope\":\"/subscriptions/1\",\"action\":\"a/b\"}"}
        {"identity":{"authorization":{"scope":"s","evidence":{"principalId":"0123456789abcdef0123456789abcdef"}}}}
        {"authorizationInfo":[{"permission":"p","granted":true}]}
        {"authorization.k8s.io/decision":"allow"}
        {"primaryKey":"id"}
        {"primaryKey":["tenant","id"]}
        {"primaryKey":{"name":"id"}}
        {"key":"photos/2026/IMG_20260101_123456.jpg"}
        {"Key":"env","Value":"prod"}
        {"tags":[{"key":"owner","value":"0123456789abcdef0123456789abcdef"}]}
        {"keyId":"0123456789abcdef0123456789abcdef"}
        {"kmsKeyId":"arn:aws:kms:eu-west-1:1:key/0123"}
        {"keyName":"key1"}
        {"keyPairName":"kp"}
        {"publicKey":"ssh-rsa AAAAB3NzaC1yc2E"}
        {"sharedAccessKeyName":"RootManageSharedAccessKey"}
        {"SharedAccessKeyName":"Root"}
        {"certificate":"-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----"}
        {"t":"-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"}
        {"signature":"RSA"}
        {"signatureVersion":"SigV4"}
        {"t":"sig=abc"}
        {"t":"resultsig=abc&se=1"}
        {"t":"Signature=abc"}
        {"t":"https://a.blob.core.windows.net/c/b?comp=list&restype=container"}
        {"t":"DefaultEndpointsProtocol=https;AccountName=a;EndpointSuffix=c"}
        {"t":"Endpoint=sb://a/;SharedAccessKeyName=Root;EntityPath=e"}
        {"t":"AccountKey=;AccountName=a"}
        {"t":"AccountKey=***;AccountName=a"}
        {"t":"Password=***;Server=s"}
        {"t":"password: must have 8 characters"}
        {"errorMessage":"The password must not be empty: use another one"}
        {"errorMessage":"Basic authentication is disabled."}
        {"errorMessage":"Bearer authentication failed"}
        {"errorMessage":"Invalid Bearer token supplied"}
        {"t":"WWW-Authenticate: Bearer error=\"invalid_token\""}
        {"t":"grant_type=password&username=u"}
        {"t":"the secret = none"}
        {"userAgent":"aws-cli/2.1 (linux) md/Botocore#1.2 cfg/retry-mode=standard"}
        {"userAgent":"Java/17.0.9\u002B9 x\u0026y"}
        {"t":"eyJub3QiOiJhIHRva2VuIn0="}
        {"t":"eyJhbGciOiJIUzI1NiJ9"}
        {"t":"eyJ.eyJ.x"}
        {"t":"https://host:8080/path?x=a@b"}
        {"t":"https://user@host/path"}
        {"t":"mail: a@b.example"}
        {"t":"arn:aws:iam::1:user/x"}
        {"t":"mongodb://user:***@host/db"}
        {"requestParameterJson":"{\"InstanceId\":\"i-1\",\"PasswordInherit\":\"true\"}"}
        {"b":"{\"password\":null,\"n\":1}"}
        {"b":"{\"password\": 1234, \"n\":"}
        {"b":"{'password': None}"}
        {"b":"[not json, but a list]"}
        {"b":"{curly}"}
        {"x":"\ud800 alone"}
        {"category":"Secret","type":"password"}
        {"name":"password"}
        {"authenticationMethod":"Password","value":"x"}
        {"name":"password","kind":"x"}
        {"a":["password","secret"]}
        {"k":{"secret":{"id":"1","name":"n","version":"2"}}}
        {"data_base64":"eyJhIjoiYiJ9"}
        {"data_base64":"not base64!"}
        {"mfaAuthenticated":"true","creationDate":"2026-06-15T00:00:00Z"}
        {"claims":{"aio":"E2ZgYDhx0123456789abcdef","uti":"abcdEFGH0123","appid":"c1f0e2d3-0000-4000-8000-0123456789ab"}}
        """;

    public static IEnumerable<object[]> MaskedRows => Lines(Masked).Select(static line => (object[])[.. line.Split(" => ")]);

    public static IEnumerable<object[]> KeptRows => Lines(Kept).Select(static line => (object[])[line]);

    private static string[] Lines(string table) => table.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
